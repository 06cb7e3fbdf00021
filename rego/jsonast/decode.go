// Package jsonast reads JSON straight into OPA's values.
//
// OPA's own way is through `map[string]any`. In WebAssembly that takes 3.2 s for a report of 10,000 findings (15 MB) and this 0.5 s; one of 60,000
// (87 MB) takes 322 MiB with this, and with that more than the 512 that an engine may have: it could not be judged. encoding/json's Decoder.Token
// costs as much as OPA's way. To measure it again: `go test -run xxx -bench . ./jsonast`, and `rego_60k_report_mib` of `npm run bench`.
package jsonast

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

const (
	// maxDepth: deeper documents go the long way, which has a limit of its own.
	maxDepth = 1000
	// maxShared bounds how many terms are kept to be used again, maxSharedBytes how long each is: severities and names repeat, descriptions do not.
	maxShared      = 1 << 16
	maxSharedBytes = 48
)

// Decode gives the value that OPA's own reader gives, or its error.
func Decode(document []byte) (ast.Value, error) {
	if utf8.Valid(document) {
		d := decoder{bytes: document, strings: map[string]*ast.Term{}, numbers: map[string]*ast.Term{}, places: map[ast.Value]int{}}
		if value, ok := d.document(); ok {
			return value, nil
		}
	}
	return decodeTheLongWay(document)
}

// decodeTheLongWay is the reference: everything that is unusual or wrong ends here.
func decodeTheLongWay(document []byte) (ast.Value, error) {
	var plain any
	if err := util.UnmarshalJSON(document, &plain); err != nil {
		return nil, err
	}
	return ast.InterfaceToValue(plain)
}

// decoder reads what is usual. Its methods give nil, or false, for all else: then the document is read the long way, from its beginning.
type decoder struct {
	bytes []byte
	at    int
	depth int

	strings map[string]*ast.Term
	numbers map[string]*ast.Term
	// elements and members of all containers that are open.
	elements []*ast.Term
	members  [][2]*ast.Term
	// places of the keys of the object that is closed just now.
	places map[ast.Value]int
}

var (
	termTrue  = ast.BooleanTerm(true)
	termFalse = ast.BooleanTerm(false)
	termNull  = ast.NullTerm()
)

func (d *decoder) document() (ast.Value, bool) {
	term := d.value()
	if term == nil || d.next() != 0 || d.at != len(d.bytes) {
		return nil, false
	}
	return term.Value, true
}

// next is the first byte after white space, which is not consumed; 0 at the end.
func (d *decoder) next() byte {
	for d.at < len(d.bytes) {
		switch c := d.bytes[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return c
		}
	}
	return 0
}

func (d *decoder) value() *ast.Term {
	switch d.next() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return d.string()
	case 't':
		return d.literal("true", termTrue)
	case 'f':
		return d.literal("false", termFalse)
	case 'n':
		return d.literal("null", termNull)
	default:
		return d.number()
	}
}

func (d *decoder) literal(word string, term *ast.Term) *ast.Term {
	if !bytes.HasPrefix(d.bytes[d.at:], []byte(word)) {
		return nil
	}
	d.at += len(word)
	return term
}

func (d *decoder) number() *ast.Term {
	from := d.at
	d.skip('-')
	if !d.skip('0') && !d.digits() {
		return nil
	}
	if d.skip('.') && !d.digits() {
		return nil
	}
	if d.at < len(d.bytes) && d.bytes[d.at]|0x20 == 'e' {
		return nil // OPA bounds exponents: that is left to its own reader
	}
	word := d.bytes[from:d.at]
	if term, ok := d.numbers[string(word)]; ok {
		return term
	}
	term := ast.NumberTerm(json.Number(word))
	if len(d.numbers) < maxShared && len(word) <= maxSharedBytes {
		d.numbers[string(word)] = term
	}
	return term
}

func (d *decoder) skip(c byte) bool {
	if d.at < len(d.bytes) && d.bytes[d.at] == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) digits() bool {
	from := d.at
	for d.at < len(d.bytes) && '0' <= d.bytes[d.at] && d.bytes[d.at] <= '9' {
		d.at++
	}
	return d.at > from
}
