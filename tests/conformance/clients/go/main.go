// Plays the cases with the AWS SDK for Go v2. The language of the steps is told in README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
)

type step struct {
	Call          string            `json:"call"`
	Input         map[string]any    `json:"input"`
	Expect        any               `json:"expect"`
	Refused       map[string]any    `json:"refused"`
	Save          map[string]string `json:"save"`
	WithinSeconds float64           `json:"within_seconds"`
	TookSeconds   []float64         `json:"took_seconds"`
	SleepSeconds  float64           `json:"sleep_seconds"`
	Together      [][]step          `json:"together"`
}

type program struct {
	Endpoint  string `json:"endpoint"`
	Region    string `json:"region"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	Workers   int    `json:"workers"`
	Cases     []struct {
		Name      string            `json:"name"`
		Variables map[string]string `json:"variables"`
		Steps     []step            `json:"steps"`
	} `json:"cases"`
}

// play is one case being played.
type play struct {
	client    *sqs.Client
	lock      sync.Mutex // of variables, which lanes share
	variables map[string]string
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// fill puts the variables in, and turns told bytes into the base64 that encoding/json reads into []byte.
func (p *play) fill(value any) any {
	switch value := value.(type) {
	case string:
		return variable.ReplaceAllStringFunc(value, func(found string) string { return p.variables[found[2:len(found)-1]] })
	case []any:
		filled := make([]any, len(value))
		for n, item := range value {
			filled[n] = p.fill(item)
		}
		return filled
	case map[string]any:
		if bytes, isBytes := value["$bytes"]; isBytes {
			return bytes
		}
		filled := map[string]any{}
		for key, item := range value {
			filled[key] = p.fill(item)
		}
		return filled
	}
	return value
}

func (p *play) filled(value any) any {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.fill(value)
}

// call finds the client's method by its name, and its input and output by their members' names.
func (p *play) call(operation string, given any) (any, error) {
	method := reflect.ValueOf(p.client).MethodByName(operation)
	input := reflect.New(method.Type().In(1).Elem())
	text, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, input.Interface()); err != nil {
		return nil, err
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	if err, failed := results[1].Interface().(error); failed {
		return nil, err
	}
	if text, err = json.Marshal(results[0].Interface()); err != nil {
		return nil, err
	}
	var output any
	return output, json.Unmarshal(text, &output)
}

func checkRefusal(expected map[string]any, err error) error {
	var told smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &told) || !errors.As(err, &response) {
		return err
	}
	kind := "GenericAPIError"
	if expected["modelled"] == true {
		kind = expected["shape"].(string)
	}
	message := expected["message"]
	return errors.Join(
		need(told.ErrorCode() == expected["code"], "code", expected["code"], told.Error()),
		need(reflect.TypeOf(told).Elem().Name() == kind, "type", kind, reflect.TypeOf(told).String()),
		need(told.ErrorMessage() != "" && (message == nil || message == told.ErrorMessage()), "message", message, told.ErrorMessage()),
		need(float64(response.HTTPStatusCode()) == expected["status"], "status", expected["status"], response.HTTPStatusCode()))
}

func lookUp(output any, path string) (any, error) {
	for key := range strings.SplitSeq(path, ".") {
		switch value := output.(type) {
		case map[string]any:
			output = member(value, key)
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n >= len(value) {
				return nil, fmt.Errorf("no %s in %s", path, short(value))
			}
			output = value[n]
		}
	}
	return output, nil
}

func (p *play) runCall(s step) error {
	started := time.Now()
	output, err := p.call(s.Call, p.filled(s.Input))
	took := time.Since(started).Seconds()
	var told smithy.APIError
	if errors.As(err, &told) && s.Refused == nil {
		return need(false, s.Call, "an answer", told.Error())
	}
	if err != nil && s.Refused != nil {
		return checkRefusal(p.filled(s.Refused).(map[string]any), err)
	}
	if err != nil {
		return err
	}
	if s.Refused != nil {
		return need(false, s.Call, s.Refused, output)
	}
	if s.Expect != nil {
		if err := match(p.filled(s.Expect), output, ""); err != nil {
			return err
		}
	}
	if bounds := s.TookSeconds; bounds != nil && (took < bounds[0] || took > bounds[1]) {
		return need(false, "seconds taken", bounds, took)
	}
	for name, path := range s.Save {
		value, err := lookUp(output, path)
		if err != nil {
			return err
		}
		p.lock.Lock()
		p.variables[name] = fmt.Sprint(value)
		p.lock.Unlock()
	}
	return nil
}

func (p *play) runPatiently(s step) error {
	deadline := time.Now().Add(time.Duration(s.WithinSeconds * float64(time.Second)))
	for {
		err := p.runCall(s)
		if !errors.As(err, &mismatch{}) || !time.Now().Before(deadline) {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (p *play) runTogether(lanes [][]step) error {
	results := make([]error, len(lanes))
	var all sync.WaitGroup
	for n, lane := range lanes {
		all.Go(func() { results[n] = p.runLane(lane) })
	}
	all.Wait()
	return errors.Join(results...)
}

func (p *play) runLane(steps []step) error {
	for n, s := range steps {
		var err error
		switch {
		case s.SleepSeconds > 0:
			time.Sleep(time.Duration(s.SleepSeconds * float64(time.Second)))
		case s.Together != nil:
			err = p.runTogether(s.Together)
		default:
			err = p.runPatiently(s)
		}
		if err != nil {
			return fmt.Errorf("step %d %s: %w", n+1, s.Call, err)
		}
	}
	return nil
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	var told program
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: told.AccessKey, SecretAccessKey: told.SecretKey}, nil
	})
	client := sqs.New(sqs.Options{
		BaseEndpoint:     aws.String(told.Endpoint),
		Region:           told.Region,
		Credentials:      keys,
		RetryMaxAttempts: 2,
	})
	failures := 0
	var printing sync.Mutex
	var all sync.WaitGroup
	places := make(chan struct{}, told.Workers)
	for _, one := range told.Cases {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			playing := play{client: client, variables: maps.Clone(one.Variables)}
			err := playing.runLane(one.Steps)
			printing.Lock()
			defer printing.Unlock()
			if err == nil {
				fmt.Println("ok", one.Name)
				return
			}
			failures++
			fmt.Printf("not ok %s - %.900s\n", one.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
		})
	}
	all.Wait()
	if failures > 0 {
		os.Exit(1)
	}
}
