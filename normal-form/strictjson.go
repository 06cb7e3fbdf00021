package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Readers of JSON differ: Go takes the last of two equal keys and any spelling of a key, others take the first and one spelling.
// So a document is refused in which a key occurs twice under any folding, or in which a known key is spelled another way.

const maxJSONDepth = 64

type object struct {
	keys   []string // as the document orders them
	values map[string]any
}

// fold maps all spellings of a word that encoding/json takes for one to the same word: "hiſtory" is "history" to it.
func fold(word string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, word)
}

func parseStrict(what string, data []byte, known vocabulary) (*object, error) {
	if !utf8.Valid(data) {
		return nil, refuse("%s is not UTF-8", what)
	}
	p := strictParser{what: what, known: known, decoder: json.NewDecoder(bytes.NewReader(data))}
	p.decoder.UseNumber()
	v, err := p.value(0, false)
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, refuse("%s has bytes behind its JSON", what)
	}
	o, ok := v.(*object)
	if !ok {
		return nil, refuse("%s is no JSON object", what)
	}
	return o, nil
}

type strictParser struct {
	what    string
	known   vocabulary
	decoder *json.Decoder
}

// token turns a syntax error into a refusal. The end of the text inside a value is one too.
func (p *strictParser) token() (json.Token, error) {
	t, err := p.decoder.Token()
	if err != nil {
		return nil, refuse("%s is no JSON: %v", p.what, err)
	}
	return t, nil
}

func (p *strictParser) value(depth int, ownWords bool) (any, error) {
	if depth > maxJSONDepth {
		return nil, refuse("%s is nested deeper than %d", p.what, maxJSONDepth)
	}
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return p.object(depth, ownWords)
	case json.Delim('['):
		return p.list(depth)
	}
	return t, nil
}

func (p *strictParser) object(depth int, ownWords bool) (any, error) {
	o := &object{values: map[string]any{}}
	seen := map[string]string{}
	for p.decoder.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		key := t.(string)
		word := key
		if !ownWords {
			word = fold(key)
			if known, ok := p.known[word]; ok && known != key {
				return nil, refuse("%s spells the key %q as %.40q", p.what, known, key)
			}
		}
		if other, ok := seen[word]; ok {
			return nil, refuse("%s has the keys %.40q and %.40q in one object", p.what, other, key)
		}
		seen[word] = key
		v, err := p.value(depth+1, hasOwnWords[key])
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, key)
		o.values[key] = v
	}
	_, err := p.token()
	return o, err
}

func (p *strictParser) list(depth int) (any, error) {
	list := []any{}
	for p.decoder.More() {
		v, err := p.value(depth+1, false)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := p.token()
	return list, err
}

// text is the string under that key; "" if the key is absent and need not be there.
func (o *object) text(what, key string, must bool) (string, error) {
	v, ok := o.values[key]
	if !ok && !must {
		return "", nil
	}
	s, ok := v.(string)
	if !ok {
		return "", refuse("%s: %q is no string", what, key)
	}
	return s, nil
}

func (o *object) object(what, key string) (*object, error) {
	v, ok := o.values[key].(*object)
	if !ok {
		return nil, refuse("%s: %q is no object", what, key)
	}
	return v, nil
}

func (o *object) list(what, key string) ([]any, error) {
	v, ok := o.values[key].([]any)
	if !ok {
		return nil, refuse("%s: %q is no list", what, key)
	}
	return v, nil
}

// size takes plain digits only: 1e3 and 1.0 are numbers that readers of sizes treat differently.
func (o *object) size(what, key string) (int64, error) {
	n, ok := o.values[key].(json.Number)
	if !ok {
		return 0, refuse("%s: %q is no number", what, key)
	}
	i, err := n.Int64()
	if err != nil || i < 0 || fmt.Sprint(i) != n.String() {
		return 0, refuse("%s: %q is no plain size", what, key)
	}
	return i, nil
}

// MarshalJSON writes what was read, each key once and in order.
func (o *object) MarshalJSON() ([]byte, error) { return json.Marshal(o.values) }
