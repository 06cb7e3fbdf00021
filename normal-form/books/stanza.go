package books

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// dpkgLineEnds: dpkg takes the end-of-file sign of DOS for the end of a line, too. Two of them begin a package that nobody else sees.
const dpkgLineEnds = "\n\x1a"

// dpkgFields are those that are kept of a stanza.
var dpkgFields = []string{"package", "version", "status", "architecture", "source", "maintainer"}

// dpkgRevisions are old names of what is now behind the last hyphen of a version. dpkg still adds their value to a version that stands before them,
// and nobody else does.
var dpkgRevisions = []string{"revision", "package-revision", "package_revision"}

// maxFolds of a field that is kept. dpkg writes each of them in one line.
const maxFolds = 16

// stanza has the fields of one package, by their names in lower case.
type stanza map[string]string

// stanzas reads a database of dpkg as dpkg itself does: of any length, names of fields in any case, folded values. A line of blanks continues a value,
// and does not end the stanza.
type stanzas struct {
	fields stanza
	folded string // the field that a folded line continues; empty if it is not one of those that are kept
	folds  int
	began  bool // a field of this stanza was read
	err    error
}

func readStanzas(file File, yield func(stanza) error) error {
	s := stanzas{fields: stanza{}}
	err := eachLine(file, dpkgLineEnds, func(l line) bool {
		if len(l.text) > 0 {
			s.err = s.add(l)
		} else {
			s.err = s.end(yield)
		}
		return s.err == nil
	})
	switch {
	case err != nil:
		return err
	case s.err != nil:
		return s.err
	}
	return s.end(yield)
}

func (s *stanzas) end(yield func(stanza) error) error {
	fields := s.fields
	if !s.began {
		return nil
	}
	s.fields, s.folded, s.began = stanza{}, "", false
	return yield(fields)
}

func (s *stanzas) add(l line) error {
	if bytes.IndexByte(l.text, 0) >= 0 {
		return fmt.Errorf("line %d has a byte that is zero, where dpkg takes a value to end: %.100q", l.number, l.text)
	}
	if isBlank(l.text[0]) {
		return s.fold(l)
	}
	name, value, found := bytes.Cut(l.text, []byte(":"))
	if !found {
		return fmt.Errorf("line %d is not a field: %.100q", l.number, l.text)
	}
	s.began, s.folded = true, ""
	field := strings.ToLower(string(bytes.TrimSpace(name)))
	if slices.Contains(dpkgRevisions, field) {
		return fmt.Errorf("line %d has the field %s, which only dpkg takes for a part of the version", l.number, field)
	}
	if !slices.Contains(dpkgFields, field) {
		return nil
	}
	if _, twice := s.fields[field]; twice {
		return fmt.Errorf("line %d gives the field %s of a package for the second time", l.number, field)
	}
	s.folded, s.folds = field, 0
	return s.set(l, string(bytes.TrimSpace(value)))
}

func (s *stanzas) fold(l line) error {
	if !s.began {
		return fmt.Errorf("line %d begins a package with a blank", l.number)
	}
	more := string(bytes.TrimSpace(l.text))
	if s.folded == "" || more == "" {
		return nil
	}
	if s.folds++; s.folds > maxFolds {
		return fmt.Errorf("line %d: the field %s has more than %d lines", l.number, s.folded, maxFolds)
	}
	return s.set(l, strings.TrimSpace(s.fields[s.folded]+" "+more))
}

func (s *stanzas) set(l line, value string) error {
	if l.cut || len(value) > maxLine {
		return fmt.Errorf("line %d: the field %s has more than %d KiB", l.number, s.folded, maxLine>>10)
	}
	s.fields[s.folded] = value
	return nil
}

func isBlank(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}
