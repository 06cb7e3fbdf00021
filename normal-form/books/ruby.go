package books

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Ruby reads the specifications of installed gems in one folder, and those that Bundler takes from Git where they are checked out.
func isGemSpecification(name string) bool {
	folder := path.Base(path.Dir(name))
	return path.Ext(name) == ".gemspec" &&
		(folder == "specifications" || folder == "default" && path.Base(path.Dir(path.Dir(name))) == "specifications")
}

func isGemFromGit(name string) bool {
	parts := strings.Split(name, "/")
	n := len(parts)
	return n >= 4 && path.Ext(name) == ".gemspec" && parts[n-3] == "gems" && parts[n-4] == "bundler"
}

const gemFromGit = "a gem that Bundler took from Git, which Trivy does not read: its name and version are computed by Ruby; take a released version"

var (
	gemField = regexp.MustCompile(`^\s*\w+\.(name|version)\s*=\s*(.*?)[\s;]*(?:#.*)?$`)
	// What RubyGems writes, of old and of today.
	gemText = regexp.MustCompile(`^(?:Gem::Version\.(?:new|create)[ (])?\s*(?:"([^"#\\]*)"|'([^'\\]*)'|%q[{(\[]([^{}()\[\]\\]*)[})\]])(?:\.freeze)?\)?$`)
	gemStub = regexp.MustCompile(`^# stub: (\S+) (\S+) `)
)

// declareGem reads a specification in the form in which RubyGems writes them. Any other program of Ruby may compute what it likes.
func declareGem(d *Declaration, text []byte) {
	d.Kind = Ruby
	var name, version string
	for rest := text; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		if bytes.HasPrefix(line, []byte("=begin")) || bytes.Equal(line, []byte("__END__")) {
			d.Broken = fmt.Sprintf("it has %.20q, behind which Ruby reads nothing and scanners read on; install the gem again", line)
			return
		}
		if stub := gemStub.FindSubmatch(line); stub != nil {
			d.Broken = firstOf(d.Broken, set(&name, "name", string(stub[1])), set(&version, "version", string(stub[2])))
			continue
		}
		field := gemField.FindSubmatch(line)
		if field == nil {
			continue
		}
		to := &name
		if string(field[1]) == "version" {
			to = &version
		}
		value, isText := gemValue(field[2])
		if !isText {
			d.Broken = fmt.Sprintf("its %s is computed: %.100q; install the gem again, which writes it as a text", field[1], field[2])
			return
		}
		d.Broken = firstOf(d.Broken, set(to, string(field[1]), value))
	}
	switch {
	case d.Broken != "":
	case name == "" || version == "":
		d.Broken = "it is no specification as RubyGems writes them: no name or no version; install the gem again"
	default:
		d.Packages = []Package{{Name: name, Version: version}}
	}
}

// set a value, or say that it has another one already.
func set(to *string, what, value string) (wrong string) {
	if *to != "" && *to != value {
		return fmt.Sprintf("it has two values for %s, %.100q and %.100q; install the gem again", what, *to, value)
	}
	*to = value
	return ""
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func gemValue(text []byte) (value string, isText bool) {
	m := gemText.FindSubmatch(text)
	if m == nil {
		return "", false
	}
	return firstOf(string(m[1]), string(m[2]), string(m[3])), true
}
