package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// mismatch is a broken expectation; any other error is the client's own.
type mismatch struct{ text string }

func (m mismatch) Error() string { return m.text }

func short(value any) string {
	text, _ := json.Marshal(value)
	if len(text) > 300 {
		text = append(text[:300], "…"...)
	}
	return string(text)
}

func need(holds bool, path string, expected, actual any) error {
	if holds {
		return nil
	}
	if path == "" {
		path = "output"
	}
	return mismatch{fmt.Sprintf("%s: expected %s, got %s", path, short(expected), short(actual))}
}

func size(value any) int {
	switch value := value.(type) {
	case nil:
		return 0
	case []any:
		return len(value)
	case map[string]any:
		return len(value)
	case string:
		return len([]rune(value))
	}
	return 1
}

func number(value any) (float64, bool) {
	switch value := value.(type) {
	case float64:
		return value, true
	case string:
		parsed, err := strconv.ParseFloat(value, 64)
		return parsed, err == nil
	}
	return 0, false
}

type matcher func(wanted, actual any, path string) error

var matchers map[string]matcher

func init() { // not a literal: matchers and match need each other
	matchers = map[string]matcher{
		"$absent": func(_, actual any, path string) error {
			_, isText := actual.(string)
			return need(!isText && size(actual) == 0, path, "nothing", actual)
		},
		"$matches": func(wanted, actual any, path string) error {
			text, isText := actual.(string)
			return need(isText && regexp.MustCompile("(?s)"+wanted.(string)).MatchString(text), path, wanted, actual)
		},
		"$length": func(wanted, actual any, path string) error {
			return need(float64(size(actual)) == wanted.(float64), path, wanted, actual)
		},
		"$between": func(wanted, actual any, path string) error {
			value, isNumber := number(actual)
			bounds := wanted.([]any)
			return need(isNumber && bounds[0].(float64) <= value && value <= bounds[1].(float64), path, wanted, actual)
		},
		"$not": func(wanted, actual any, path string) error {
			return need(!reflect.DeepEqual(wanted, actual), path, fmt.Sprint("not ", wanted), actual)
		},
		"$unordered": matchUnordered,
	}
}

func matchUnordered(wanted, actual any, path string) error {
	left, isList := actual.([]any)
	if err := need(isList && len(left) == len(wanted.([]any)), path, wanted, actual); err != nil {
		return err
	}
	left = append([]any{}, left...)
	for _, item := range wanted.([]any) {
		found := -1
		for n, one := range left {
			if match(item, one, path) == nil {
				found = n
				break
			}
		}
		if err := need(found >= 0, path, item, left); err != nil {
			return err
		}
		left = append(left[:found], left[found+1:]...)
	}
	return nil
}

// member finds a member by its name on the wire: Go's fields start in upper case, a few of SQS do not.
func member(object map[string]any, name string) any {
	if value, found := object[name]; found {
		return value
	}
	return object[strings.ToUpper(name[:1])+name[1:]]
}

// match compares objects in part and lists as a whole.
func match(expected, actual any, path string) error {
	switch expected := expected.(type) {
	case map[string]any:
		for key, wanted := range expected {
			if strings.HasPrefix(key, "$") {
				return matchers[key](wanted, actual, path)
			}
		}
		object, isObject := actual.(map[string]any)
		if err := need(isObject, path, expected, actual); err != nil {
			return err
		}
		for key, item := range expected {
			if err := match(item, member(object, key), path+"."+key); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, isList := actual.([]any)
		if err := need(isList && len(list) == len(expected), path, expected, actual); err != nil {
			return err
		}
		for n, item := range expected {
			if err := match(item, list[n], fmt.Sprint(path, ".", n)); err != nil {
				return err
			}
		}
		return nil
	}
	return need(reflect.DeepEqual(expected, actual), path, expected, actual)
}
