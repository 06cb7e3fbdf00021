package books

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// isPythonMetadata: importlib.metadata takes NAME.dist-info and NAME.egg-info in any case, as folders with METADATA or PKG-INFO or as files, and
// EGG-INFO in eggs.
func isPythonMetadata(name string) bool {
	base := path.Base(name)
	if base == "METADATA" || base == "PKG-INFO" {
		folder := strings.ToLower(path.Base(path.Dir(name)))
		return isInfo(folder) || folder == "egg-info"
	}
	return isInfo(strings.ToLower(base))
}

func isInfo(name string) bool {
	return strings.HasSuffix(name, ".dist-info") || strings.HasSuffix(name, ".egg-info")
}

// saysHeader: a name or version anywhere in the text, for the case that the headers have none.
var saysHeader = regexp.MustCompile(`(?im)^\s*(name|version)\s*:\s*\S`)

// declarePython reads the headers of metadata as Python's email.parser does, and says where other readers (pip, setuptools) could take another value.
func declarePython(d *Declaration, text []byte) {
	d.Kind = Python
	headers, rest := mailHeadersOf(text)
	name, nameErr := theOnly(headers, "name")
	version, versionErr := theOnly(headers, "version")
	switch {
	case nameErr != nil:
		d.Broken = nameErr.Error()
	case versionErr != nil:
		d.Broken = versionErr.Error()
	case name != "" && version != "":
		d.Packages = []Package{{Name: name, Version: version}}
	case saysHeader.Match(rest):
		d.Broken = "its name or version stands behind the end of its headers, where some readers take it and others do not; " +
			"begin the file with the headers, without a byte-order mark or a blank line"
	case name == "":
		d.Nameless = "it has no name"
	default:
		d.Nameless = "it has no version"
	}
}

// mailHeader is a field of a mail, with its name in lower case.
type mailHeader struct{ name, value string }

// mailHeadersOf a text that tell a name or a version, and what follows all headers. They end where a line is no header, without a blank line too.
func mailHeadersOf(text []byte) (headers []mailHeader, rest []byte) {
	var more strings.Builder
	isOpen := false // one of them, that lines may continue
	end := func() {
		if isOpen {
			headers[len(headers)-1].value += more.String()
		}
		more.Reset()
		isOpen = false
	}
	for rest = text; len(rest) > 0; {
		line, after := cutLine(rest)
		kind := kindOfLine(line)
		if kind == folded { // what continues another header, or nothing, is skipped
			if isOpen {
				more.WriteByte('\n')
				more.Write(line)
			}
			rest = after
			continue
		}
		end()
		if kind == noHeader {
			return headers, rest
		}
		if kind == field {
			name, content, _ := bytes.Cut(line, []byte(":"))
			if lower := strings.ToLower(string(name)); lower == "name" || lower == "version" {
				headers = append(headers, mailHeader{lower, strings.TrimLeft(string(content), " \t")})
				isOpen = true
			}
		}
		rest = after
	}
	end()
	return headers, nil
}

type lineKind int

const (
	noHeader lineKind = iota
	field
	folded
	fromLine // of a mailbox, which is skipped
)

func kindOfLine(line []byte) lineKind {
	switch {
	case len(line) > 0 && (line[0] == ' ' || line[0] == '\t'):
		return folded
	case bytes.HasPrefix(line, []byte("From ")):
		return fromLine
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return noHeader
	}
	for _, c := range line[:colon] {
		if c <= ' ' || c > '~' {
			return noHeader
		}
	}
	return field
}

// cutLine at what Python takes for the end of a line: a carriage return alone is one, too.
func cutLine(text []byte) (line, after []byte) {
	i := bytes.IndexAny(text, "\r\n")
	switch {
	case i < 0:
		return text, nil
	case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
		return text[:i], text[i+2:]
	}
	return text[:i], text[i+1:]
}

// theOnly value of a header. Readers take the first or the last of several, and fold lines or not.
func theOnly(headers []mailHeader, name string) (string, error) {
	var value string
	found := false
	for _, h := range headers {
		if h.name != name {
			continue
		}
		v := strings.TrimSpace(h.value)
		if found && v != value {
			return "", fmt.Errorf("it has the header %s with %.100q and with %.100q, of which readers take the first or the last; keep one", name, value, v)
		}
		value, found = v, true
	}
	if strings.ContainsAny(value, "\n") {
		return "", fmt.Errorf("its header %s goes over several lines, %.100q, which readers join in different ways; write it in one line", name, value)
	}
	return value, nil
}
