package main

import "strings"

// chunkedFrames are the skippable frames in which zstd:chunked keeps its table of contents.
type chunkedFrames struct{}

func (c *chunkedFrames) begun() bool     { return false }
func (c *chunkedFrames) complete() error { return nil }
func (c *chunkedFrames) frame(at, size int64) (*[]byte, error) {
	return nil, refuse("zstd: has a skippable frame")
}

func chunkedFramesOf(d descriptor) (*chunkedFrames, error) {
	for key := range d.annotations {
		if strings.HasPrefix(key, "io.github.containers.zstd-chunked.") || strings.HasPrefix(key, "io.containers.zstd-chunked.") {
			return nil, refuse("has a zstd:chunked table of contents")
		}
	}
	return nil, nil
}
