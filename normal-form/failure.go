package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// cause is the word by which the scan step decides: retry, or report that this image cannot be scanned.
type cause string

const (
	unscannable         cause = "UNSCANNABLE"
	registryDenied      cause = "REGISTRY_DENIED"
	imageGone           cause = "IMAGE_GONE"
	registryThrottled   cause = "REGISTRY_THROTTLED"
	registryUnavailable cause = "REGISTRY_UNAVAILABLE"
	scannerFailed       cause = "SCANNER_FAILED"
)

const maxDetail = 400

// failure is why there is no normal form.
type failure struct {
	Cause  cause  `json:"cause"`
	Detail string `json:"detail"`
}

func (f failure) Error() string { return f.Detail }

func fail(why cause, format string, a ...any) error {
	return failure{why, fmt.Sprintf(format, a...)}
}

// refuse says that the image is at fault: two readers could see different things in it.
func refuse(format string, a ...any) error { return fail(unscannable, format, a...) }

// within puts the place in front of the reason, and keeps the cause.
func within(place string, err error) error {
	if err == nil {
		return nil
	}
	f := failureOf(err)
	return failure{f.Cause, place + ": " + f.Detail}
}

// failureOf gives every error a cause. What nobody foresaw (a full disk, a denied file) is the scanner's fault, never the image's.
func failureOf(err error) failure {
	if f, ok := errors.AsType[failure](err); ok {
		return f
	}
	return failure{scannerFailed, err.Error()}
}

func isRefused(err error) bool { return failureOf(err).Cause == unscannable }

// oneLine is text that a log or a finding may show: names in an image are its author's words, with line breaks and control characters if they like.
func oneLine(text string) string {
	visible := []rune(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r) && r != unicode.ReplacementChar:
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return '?'
	}, text))
	if len(visible) > maxDetail {
		visible = append(visible[:maxDetail-1], '…')
	}
	return string(visible)
}
