// GoAWS as its own main starts it, but on loopback alone (its own listens everywhere), on a port it picks and says,
// and with a log of warnings only, so that what is measured is not its log.
package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/Admiral-Piett/goaws/app"
	"github.com/Admiral-Piett/goaws/app/gosqs"
	"github.com/Admiral-Piett/goaws/app/router"
	log "github.com/sirupsen/logrus"
)

func main() {
	log.SetLevel(log.WarnLevel)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	app.CurrentEnvironment = app.Environment{Host: host, Port: port, Region: "us-east-1", AccountID: "000000000000"}
	app.CurrentEnvironment.QueueAttributeDefaults.VisibilityTimeout = 30
	app.CurrentEnvironment.QueueAttributeDefaults.MaximumMessageSize = 262144
	go gosqs.PeriodicTasks(time.Second, make(chan struct{}))
	fmt.Printf("GoAWS listens on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, router.New()))
}
