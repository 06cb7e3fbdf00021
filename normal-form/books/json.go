package books

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// member is a key of a JSON object and what stands behind it.
type member struct {
	key   string
	value json.RawMessage
}

var errNoObject = errors.New("it is no JSON object")

// members of the object that a text begins with, in order, with those that stand there twice. On an error: those before it. Keys are as written,
// which json.Unmarshal does not keep apart by case. What follows the object is not looked at.
func members(text []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errNoObject
	}
	var found []member
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return found, err
		}
		key, isText := t.(string)
		if !isText {
			return found, errNoObject
		}
		m := member{key: key}
		if err := d.Decode(&m.value); err != nil {
			return found, err
		}
		found = append(found, m)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return found, io.ErrUnexpectedEOF
	}
	return found, nil
}

// last value of a key, nil if there is none: JSON.parse, Python's json and PHP's json_decode keep the last one.
func last(of []member, key string) json.RawMessage {
	for i := len(of) - 1; i >= 0; i-- {
		if of[i].key == key {
			return of[i].value
		}
	}
	return nil
}

// textOf a JSON value, and whether it is one.
func textOf(value json.RawMessage) (text string, isText bool) {
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	return text, json.Unmarshal(value, &text) == nil
}

// isTooDeep: the readers of Go, and so Trivy, give up at 10,000 values within each other. Others do not.
func isTooDeep(err error) bool { return strings.Contains(err.Error(), "exceeded max depth") }

var escapedLetter = regexp.MustCompile(`\\u00[2-7][0-9a-fA-F]`)

// withoutEscapes is a text in which letters stand for themselves that JSON allows to write as numbers.
func withoutEscapes(text []byte) []byte {
	return escapedLetter.ReplaceAllFunc(text, func(escape []byte) []byte {
		letter, _ := strconv.ParseUint(string(escape[2:]), 16, 8)
		return []byte{byte(letter)}
	})
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// unmarked is a text without the byte-order mark that Node and .NET skip, and Go does not.
func unmarked(text []byte) []byte { return bytes.TrimPrefix(text, byteOrderMark) }
