package main

import (
	"bytes"
	"io"
	"strings"
)

// Trivy searches secrets in what it takes for text, by lines and in windows of 64 KiB. So each byte of each file is searched here too, for a few
// forms that hardly anything else has, whatever the content. Each prefix has a _ or a -, which processors find 32 bytes at a time; then
// the byte before it, and the rest of the prefix, are compared.

const (
	longestPrefix = len("AGE-SECRET-KEY-1")
	// maxSecrets is how many are listed. An image with more is refused for those that are.
	maxSecrets = 50
)

// The forms whose anchor is that byte, by the byte before it.
var withLine, withDash [256][]*secretForm

func init() {
	for i := range secretForms {
		form := &secretForms[i]
		forms, before := &withLine, form.prefix[form.anchor-1]
		if form.prefix[form.anchor] == '-' {
			forms = &withDash
		}
		forms[before] = append(forms[before], form)
	}
}

// secretSearch reads a file along with who writes it.
type secretSearch struct {
	r     io.Reader
	found func(rule string)
	// kept is the end of what was read: a secret, or a prefix, may go on behind it.
	kept []byte
	// done is how much of kept was searched: what is before is there for the byte in front of a prefix.
	done int
}

func (s *secretSearch) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if n > 0 {
		s.next(p[:n])
	}
	if err == io.EOF {
		s.search(s.kept, s.done, true)
		s.kept, s.done = nil, 0
	}
	return n, err
}

// next searches the seam between two buffers, and then the second one in place.
func (s *secretSearch) next(p []byte) {
	from := 0
	if len(s.kept) > 0 {
		behind := min(len(p), longestSecret+len(pemBegin))
		seam := append(s.kept, p[:behind]...)
		at := s.search(seam, s.done, false)
		if behind == len(p) {
			s.keep(seam, at)
			return
		}
		from = max(at-len(s.kept), 0)
	}
	s.keep(p, s.search(p, from, false))
}

// keep remembers what is behind that place, and one byte before it.
func (s *secretSearch) keep(text []byte, at int) {
	from := max(at-1, 0)
	s.kept = append(make([]byte, 0, len(text)-from), text[from:]...)
	s.done = at - from
}

// search looks for secrets that begin from there on, and gives the place up to which all is known.
func (s *secretSearch) search(text []byte, from int, isAll bool) int {
	known := max(from, len(text)-longestPrefix)
	known = min(known, s.searchFor('_', &withLine, text, from, isAll))
	return min(known, s.searchFor('-', &withDash, text, from, isAll))
}

func (s *secretSearch) searchFor(anchor byte, forms *[256][]*secretForm, text []byte, from int, isAll bool) int {
	for at := from + 1; at < len(text); at++ {
		if text[at] != anchor { // of many in a row, none is looked for
			n := bytes.IndexByte(text[at:], anchor)
			if n < 0 {
				break
			}
			at += n
		}
		for _, form := range forms[text[at-1]] {
			start := at - form.anchor
			if start < from {
				continue
			}
			is, needsMore := form.begins(text, start, isAll)
			if needsMore {
				return start
			}
			if is {
				s.found(form.rule)
			}
		}
	}
	return len(text)
}

// foundSecret says what and where, and never the secret.
type foundSecret struct {
	Path string `json:"path"`
	Rule string `json:"rule"`
	// Layer is the digest of the layer, in the registry. Absent for what the config or the manifest has.
	Layer string `json:"layer,omitempty"`
}

// isOfDistribution: what distributions and runtimes of languages bring along has keys for its own tests. Trivy leaves the same places out, unless it
// is told to search everywhere (ALLOW_RULES in src/core/scanning/trivy-flags.ts).
func isOfDistribution(p string) bool {
	for _, place := range []string{"usr/share/", "usr/include/", "usr/lib/", "usr/local/go/", "usr/src/wordpress/", "var/log/anaconda/"} {
		if strings.HasPrefix(p, place) {
			return true
		}
	}
	for _, place := range []string{"opt/yarn-v", "usr/local/lib/python"} {
		if rest, ok := strings.CutPrefix(p, place); ok {
			version, _, isFolder := strings.Cut(rest, "/")
			return isFolder && version != "" && strings.Trim(version, "0123456789.") == ""
		}
	}
	return false
}

// searched gives a reader of the same content that notes secrets in it.
func (l *layer) searched(full string, content io.Reader) io.Reader {
	if isOfDistribution(full) {
		return content
	}
	return &secretSearch{r: content, found: func(rule string) {
		l.secrets.add(foundSecret{full, rule, l.descriptor.digest})
	}}
}

// secretList is bounded, and has each secret once.
type secretList struct {
	listed []foundSecret
	more   int
	seen   map[foundSecret]bool
}

func (s *secretList) add(f foundSecret) {
	f.Path = oneLine(f.Path)
	if s.seen[f] {
		return
	}
	if len(s.listed) >= maxSecrets {
		s.more++
		return
	}
	if s.seen == nil {
		s.seen = map[foundSecret]bool{}
	}
	s.seen[f] = true
	s.listed = append(s.listed, f)
}
