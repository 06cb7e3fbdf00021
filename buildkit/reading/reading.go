// Package reading tells what a build would do with a Dockerfile, by BuildKit's own code: its parser, and the converter that makes build steps.
// Nothing is built and nothing is asked of a registry, so what a base image says is not known.
package reading

import (
	"encoding/json"
	"fmt"
)

// Request is a Dockerfile and what `docker build` is told about it.
type Request struct {
	Text string `json:"text"`
	// Target is the name of a stage, or its number; the last stage if empty.
	Target    string            `json:"target"`
	BuildArgs map[string]string `json:"buildArgs"`
}

// Reading is the answer. What stops a build is a problem; what could be read without it is there all the same.
type Reading struct {
	Syntax       *Syntax       `json:"syntax,omitempty"`
	Problems     []Problem     `json:"problems"`
	Instructions []Instruction `json:"instructions"`
	// Image is what the target becomes; absent if it cannot be built.
	Image *Image `json:"image,omitempty"`
	// Sources are the images and downloads that some stage takes in.
	Sources []Source `json:"sources"`
	Runs    []Run    `json:"runs"`

	reached map[int]bool // lines of which a build made steps
}

// Syntax is the image of the program that reads the file (`# syntax=`).
type Syntax struct {
	Image string `json:"image"`
	Line  int    `json:"line"`
}

// Answer reads a request in JSON. A panic of BuildKit is a problem of the file: one that reached the host would end the whole instance.
func Answer(request []byte) (answer []byte) {
	defer func() {
		if fault := recover(); fault != nil {
			answer = encode(refused(fmt.Sprintf("BuildKit's own code cannot read the file: %v", fault)))
		}
	}()
	var asked Request
	if err := json.Unmarshal(request, &asked); err != nil {
		return encode(refused(err.Error()))
	}
	return encode(Read(asked))
}

func refused(message string) Reading {
	return Reading{Problems: []Problem{{Line: 1, Message: message}}}
}

func encode(reading Reading) []byte {
	// lists that are empty, not null
	reading.Problems = append([]Problem{}, reading.Problems...)
	reading.Instructions = append([]Instruction{}, reading.Instructions...)
	reading.Sources = append([]Source{}, reading.Sources...)
	reading.Runs = append([]Run{}, reading.Runs...)
	bytes, err := json.Marshal(reading)
	if err != nil {
		panic(err)
	}
	return bytes
}
