package main

import (
	"fmt"
	"strings"
)

// step is one step of an image's history as the scanner shall see it.
type step struct {
	CreatedBy string `json:"created_by,omitempty"`
	Author    string `json:"author,omitempty"`
	Comment   string `json:"comment,omitempty"`
	Created   string `json:"created,omitempty"`
	Empty     bool   `json:"empty_layer"`
}

// normalHistory keeps all words of the history, in which Trivy searches secrets, and takes away what Trivy guesses from it.
//
// From the history Trivy guesses where the base image ends, and searches no secrets in the layers below. A pusher writes the history, so all
// steps are called empty here: then there is no base image, and every layer is searched. But Trivy's Dockerfile checks look at the steps behind
// the guessed base image only, and shall go on to do so. So these steps stay one by one, with what created them; the words of the steps before
// move into the comment of the first of them, since a step of their own would be a line of the Dockerfile that Trivy makes of the history.
func normalHistory(config *object) ([]any, error) {
	v, ok := config.values["history"]
	if !ok || v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, refuse("the config: \"history\" is no list")
	}
	steps := make([]step, len(list))
	for i, v := range list {
		s, err := parseStep(fmt.Sprintf("the config: step %d of its history", i+1), v)
		if err != nil {
			return nil, err
		}
		steps[i] = s
	}
	base := guessedBase(steps)
	var before []string
	for _, s := range steps[:base+1] {
		for _, words := range []string{s.CreatedBy, s.Author, s.Comment} {
			if words != "" {
				before = append(before, words)
			}
		}
	}
	kept := []any{}
	for i, s := range steps[base+1:] {
		s.Empty = true
		if i == 0 && len(before) > 0 {
			// A space, not a line break: that is written as \n in JSON, and the n would stand in front of the next word.
			s.Comment = strings.Join(append(before, s.Comment), " ")
		}
		kept = append(kept, s)
	}
	return kept, nil
}

func parseStep(what string, v any) (step, error) {
	var s step
	o, ok := v.(*object)
	if !ok {
		return s, refuse("%s is no object", what)
	}
	if e, ok := o.values["empty_layer"]; ok {
		if s.Empty, ok = e.(bool); !ok {
			return s, refuse("%s: \"empty_layer\" is neither true nor false", what)
		}
	}
	for key, to := range map[string]*string{"created_by": &s.CreatedBy, "author": &s.Author, "comment": &s.Comment, "created": &s.Created} {
		if o.values[key] == nil { // absent, or the null that some builders write for a time they do not know
			continue
		}
		words, err := o.text(what, key, true)
		if err != nil {
			return s, err
		}
		*to = words
	}
	return s, nil
}

// guessedBase is the last step of what Trivy 0.74 takes for the base image (GuessBaseImageIndex in its pkg/fanal/image), or -1:
// the last CMD without a layer that stands before a step with one.
func guessedBase(steps []step) int {
	layerSeen := false
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		if !s.Empty {
			layerSeen = true
			continue
		}
		if layerSeen && (strings.HasPrefix(s.CreatedBy, "/bin/sh -c #(nop)  CMD") || strings.HasPrefix(s.CreatedBy, "CMD")) {
			return i
		}
	}
	return -1
}
