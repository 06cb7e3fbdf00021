package main

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"regexp"
	"strings"
)

// isDigest: sha256 only. It is what registries and runtimes agree on, and what can name a file.
var isDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString

func digestOfBytes(b []byte) string {
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}

func digestOf(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

func hexOf(digest string) string { return strings.TrimPrefix(digest, "sha256:") }
