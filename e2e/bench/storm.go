package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// storm asks for one document on so many connections at once that were opened before.
func (l *load) storm(path, accept string, connections int) sample {
	wires := l.connect(l.Gateway.Listen, connections)
	request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAccept: %s\r\nConnection: close\r\n\r\n", path, l.Gateway.Component, accept)
	return l.cost(l.Gateway.Process(), connections, func() { l.converse(wires, request) })
}

// connect opens connections that nothing is said on yet.
func (l *load) connect(addr string, n int) []net.Conn {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			l.t.Fatalf("%v", err)
		}
		conns[i] = c
	}
	return conns
}

// converse sends one request on each and reads the answers to their end.
func (l *load) converse(conns []net.Conn, request string) {
	errs := make(chan error, len(conns))
	var g sync.WaitGroup
	for _, c := range conns {
		g.Go(func() { errs <- errors.Join(exchangeText(c, request), c.Close()) })
	}
	g.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			l.t.Fatalf("%v", err)
		}
	}
}

func exchangeText(c net.Conn, request string) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
