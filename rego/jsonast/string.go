package jsonast

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

func (d *decoder) string() *ast.Term {
	d.at++
	from := d.at
	for d.at < len(d.bytes) {
		switch c := d.bytes[d.at]; {
		case c == '"':
			word := d.bytes[from:d.at]
			d.at++
			return d.shared(word)
		case c == '\\':
			return d.escaped(from)
		case c < ' ':
			return nil
		}
		d.at++
	}
	return nil
}

func (d *decoder) shared(word []byte) *ast.Term {
	if len(word) > maxSharedBytes {
		return &ast.Term{Value: ast.String(word)}
	}
	if term, ok := d.strings[string(word)]; ok {
		return term
	}
	term := &ast.Term{Value: ast.String(word)}
	if len(d.strings) < maxShared {
		d.strings[string(word)] = term
	}
	return term
}

// escaped reads on in a string in which an escape was met.
func (d *decoder) escaped(from int) *ast.Term {
	out := append(make([]byte, 0, 2*(d.at-from)+32), d.bytes[from:d.at]...)
	for d.at < len(d.bytes) {
		c := d.bytes[d.at]
		d.at++
		switch {
		case c == '"':
			return &ast.Term{Value: ast.String(out)}
		case c < ' ':
			return nil
		case c != '\\':
			out = append(out, c)
		default:
			character, ok := d.escape()
			if !ok {
				return nil
			}
			out = utf8.AppendRune(out, character)
		}
	}
	return nil
}

var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what follows a backslash.
func (d *decoder) escape() (rune, bool) {
	if d.skip('u') {
		return d.codePoint()
	}
	if d.at == len(d.bytes) {
		return 0, false
	}
	character, ok := escapes[d.bytes[d.at]]
	d.at++
	return character, ok
}

// codePoint reads four hexadecimal digits, and four more if they are the first half of a character. Half a character is U+FFFD, as in encoding/json.
func (d *decoder) codePoint() (rune, bool) {
	first, ok := d.hexadecimal()
	if !ok || !utf16.IsSurrogate(first) {
		return first, ok
	}
	after := d.at
	if d.skip('\\') && d.skip('u') {
		second, ok := d.hexadecimal()
		if !ok {
			return 0, false
		}
		if character := utf16.DecodeRune(first, second); character != utf8.RuneError {
			return character, true
		}
	}
	d.at = after
	return utf8.RuneError, true
}

func (d *decoder) hexadecimal() (rune, bool) {
	if d.at+4 > len(d.bytes) {
		return 0, false
	}
	value, err := strconv.ParseUint(string(d.bytes[d.at:d.at+4]), 16, 32)
	d.at += 4
	return rune(value), err == nil
}
