package main

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// secretForm is a form of a secret that hardly anything else has. It has the name of Trivy's rule for it, so that what both find is one finding.
type secretForm struct {
	rule, prefix string
	anchor       int  // where the prefix has a _ or a -
	length       int  // how many characters of its alphabet follow
	isExact      bool // and no more
	alphabet     *[256]bool
	isAlone      bool // no letter or digit stands before it
}

var (
	letters    = alphabetOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
	withDashes = alphabetOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
	withDots   = alphabetOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
	bech32     = alphabetOf("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")

	secretForms = []secretForm{
		{"github-pat", "ghp_", 3, 36, false, letters, true},
		{"github-oauth", "gho_", 3, 36, false, letters, true},
		{"github-app-token", "ghu_", 3, 36, false, letters, true},
		{"github-app-token", "ghs_", 3, 36, false, withDots, true},
		{"github-refresh-token", "ghr_", 3, 36, false, letters, true},
		{"github-fine-grained-pat", "github_pat_", 10, 82, false, withDashes, true},
		{"gitlab-pat", "glpat-", 5, 20, false, withDashes, true},
		{"npm-access-token", "npm_", 3, 36, true, letters, true},
		{"stripe-secret-token", "sk_live_", 7, 24, false, letters, true},
		{"slack-access-token", "xoxb-", 4, 40, false, withDashes, true},
		{"slack-access-token", "xoxa-", 4, 40, false, withDashes, true},
		{"slack-access-token", "xoxp-", 4, 40, false, withDashes, true},
		{"slack-access-token", "xoxr-", 4, 40, false, withDashes, true},
		{"slack-access-token", "xoxs-", 4, 40, false, withDashes, true},
		{"age-secret-key", "AGE-SECRET-KEY-1", 3, 58, true, bech32, false},
		{"private-key", pemBegin, 4, 0, false, nil, false},
	}
)

const (
	pemBegin = "-----BEGIN "
	// longestSecret is what is kept of a secret that goes over the end of a buffer. A key of 16,384 bits has 13 KiB.
	longestSecret = 32 << 10
	// leastDistinct characters in what follows a prefix: examples are of one letter, or of a few.
	leastDistinct = 12
)

func alphabetOf(characters string) *[256]bool {
	var is [256]bool
	for _, c := range []byte(characters) {
		is[c] = true
	}
	return &is
}

// begins says whether a secret of this form begins there.
func (f *secretForm) begins(text []byte, start int, isAll bool) (is, needsMore bool) {
	rest := text[start:]
	if len(rest) < len(f.prefix) {
		return false, !isAll && strings.HasPrefix(f.prefix, string(rest))
	}
	if string(rest[:len(f.prefix)]) != f.prefix || f.isAlone && start > 0 && letters[text[start-1]] {
		return false, false
	}
	return f.holds(rest, isAll)
}

// holds says whether a secret of this form begins the text, or whether more text has to be read to tell.
func (f *secretForm) holds(text []byte, isAll bool) (is, needsMore bool) {
	if f.alphabet == nil {
		return beginsWithKey(text, isAll)
	}
	body := text[len(f.prefix):]
	n := 0
	for n < len(body) && n <= f.length && f.alphabet[body[n]] {
		n++
	}
	if n == len(body) && (n < f.length || f.isExact && n == f.length) && !isAll {
		return false, true
	}
	if n < f.length || f.isExact && n > f.length {
		return false, false
	}
	return distinct(body[:f.length]) >= min(leastDistinct, f.length/2), false
}

func distinct(text []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range text {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

var (
	dashes     = []byte("-----")
	privateKey = []byte("PRIVATE KEY")
)

// beginsWithKey: a PEM block of a private key that is not encrypted, and whose body is one: a program that reads keys has the first line as a text of
// its own. As OpenSSL does, it takes blank lines and spaces at the ends of lines, and also lines that JSON or a shell has joined by \n.
func beginsWithKey(text []byte, isAll bool) (is, needsMore bool) {
	const longestLabel = 40
	rest := text[len(pemBegin):]
	end := bytes.Index(rest[:min(len(rest), longestLabel)], dashes)
	if end < 0 {
		return false, len(rest) < longestLabel && !isAll
	}
	label := rest[:end]
	if !bytes.HasSuffix(label, privateKey) || bytes.HasPrefix(label, []byte("ENCRYPTED")) {
		return false, false
	}
	rest = rest[end+len(dashes):]
	end = bytes.Index(rest[:min(len(rest), longestSecret)], dashes)
	if end < 0 {
		return false, len(rest) < longestSecret && !isAll
	}
	return isKey(rest[:end]), false
}

func isKey(body []byte) bool {
	if bytes.Contains(body, []byte("ENCRYPTED")) {
		return false // Proc-Type: 4,ENCRYPTED
	}
	text := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == ' ', c == '\t', c == '\r', c == '\n', c == '"', c == '\'', c == ',', c == '=':
		case c == '\\': // \n, escaped once or more
			for i+1 < len(body) && body[i+1] == '\\' {
				i++
			}
			if i+1 < len(body) && strings.IndexByte("nrt", body[i+1]) >= 0 {
				i++
			}
		case letters[c], c == '+', c == '/':
			text = append(text, c)
		default:
			return false
		}
	}
	der, err := base64.RawStdEncoding.DecodeString(string(text))
	if err != nil {
		return false
	}
	const openSSH = "openssh-key-v1\x00"
	if rest, ok := bytes.CutPrefix(der, []byte(openSSH)); ok {
		return len(rest) > 100 && bytes.HasPrefix(rest, []byte("\x00\x00\x00\x04none"))
	}
	return isWholeSequence(der)
}

// isWholeSequence: DER that is one SEQUENCE, as all other private keys are.
func isWholeSequence(der []byte) bool {
	if len(der) < 40 || der[0] != 0x30 {
		return false
	}
	size, head := int(der[1]), 2
	if size&0x80 != 0 {
		n := size & 0x7f
		if n == 0 || n > 3 {
			return false
		}
		size = 0
		for _, b := range der[2 : 2+n] {
			size = size<<8 | int(b)
		}
		head += n
	}
	return head+size == len(der) && der[head] == 2 // its version, an INTEGER
}
