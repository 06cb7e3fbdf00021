// authorities answers as other people's own code does, so that this project can be held against them. It reads
// lines of JSON, and writes one line of JSON for each:
//
//	authorities references   what distribution/reference makes of a name of an image
//	authorities ignores      what Trivy's ignore file covers of some findings
//	authorities literals     the texts in the tests of a Go package: the cases that its authors thought of
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "authorities:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("%d arguments, allowed: one of references, ignores, literals", len(os.Args)-1)
	}
	switch os.Args[1] {
	case "references":
		return each(referenceOf)
	case "ignores":
		return each(ignores)
	case "literals":
		return each(literals)
	default:
		return fmt.Errorf("no authority %q, allowed: references, ignores, literals", os.Args[1])
	}
}

// each answers every question of standard input.
func each[Question, Answer any](answer func(Question) (Answer, error)) error {
	questions := json.NewDecoder(bufio.NewReader(os.Stdin))
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	for questions.More() {
		var question Question
		if err := questions.Decode(&question); err != nil {
			return err
		}
		answered, err := answer(question)
		if err != nil {
			return err
		}
		if err := answers.Encode(answered); err != nil {
			return err
		}
	}
	return out.Flush()
}
