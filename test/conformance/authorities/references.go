package main

import (
	"github.com/distribution/reference"
)

type named struct {
	Error  string `json:"error,omitempty"`
	Host   string `json:"host,omitempty"`
	Path   string `json:"path,omitempty"`
	Tag    string `json:"tag,omitempty"`
	Digest string `json:"digest,omitempty"`
}

// referenceOf reads a name as Docker does, with nothing added that the name does not say.
func referenceOf(text string) (named, error) {
	read, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return named{Error: err.Error()}, nil
	}
	found := named{Host: reference.Domain(read), Path: reference.Path(read)}
	if tagged, ok := read.(reference.Tagged); ok {
		found.Tag = tagged.Tag()
	}
	if digested, ok := read.(reference.Digested); ok {
		found.Digest = digested.Digest().String()
	}
	return found, nil
}
