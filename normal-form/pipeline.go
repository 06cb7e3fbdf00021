package main

import (
	"hash"
	"io"
	"sync"
	"sync/atomic"
)

// bufferSize is what the goroutines hand to each other at a time: large enough that handing over costs nothing, small enough for the cache.
const (
	bufferSize  = 256 << 10
	bufferCount = 6
)

// pipeline reads ahead in one goroutine and hashes in another, so that decompression, hashing and writing overlap.
type pipeline struct {
	full, hashed, free chan []byte
	current, rest      []byte
	err                error // set before full is closed
	quit               chan struct{}
	running            sync.WaitGroup
}

func newPipeline(r io.Reader, h hash.Hash) *pipeline {
	p := &pipeline{
		full: make(chan []byte, bufferCount), hashed: make(chan []byte, bufferCount), free: make(chan []byte, bufferCount), quit: make(chan struct{}),
	}
	for range bufferCount {
		p.free <- make([]byte, bufferSize)
	}
	p.running.Go(func() { p.produce(r) })
	p.running.Go(func() { p.hash(h) })
	return p
}

func (p *pipeline) produce(r io.Reader) {
	defer close(p.full)
	for {
		var b []byte
		select {
		case b = <-p.free:
		case <-p.quit:
			return
		}
		n, err := io.ReadFull(r, b[:cap(b)])
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		p.err = err
		p.full <- b[:n] // never blocks: there are no more buffers than places
		if err != nil {
			return
		}
	}
}

func (p *pipeline) hash(h hash.Hash) {
	defer close(p.hashed)
	for b := range p.full {
		h.Write(b)
		p.hashed <- b
	}
}

func (p *pipeline) Read(to []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.current != nil {
			p.free <- p.current
			p.current = nil
		}
		b, ok := <-p.hashed
		if !ok {
			return 0, p.err
		}
		p.current, p.rest = b, b
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// stop ends the goroutines. A producer that waits for the network ends when its source is closed, so close that first.
func (p *pipeline) stop() {
	close(p.quit)
	p.running.Wait()
}

// blobReader counts and hashes a blob while it passes, and remembers why it broke: decompressors put their own words over that.
type blobReader struct {
	r     io.Reader
	size  int64
	n     int64
	h     hash.Hash
	broke atomic.Pointer[error]
}

func (b *blobReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > b.size {
		n, err = 0, refuse("is larger than its descriptor says (%d bytes)", b.size)
	}
	b.h.Write(p[:n])
	if err != nil && err != io.EOF {
		b.broke.CompareAndSwap(nil, &err)
	}
	return n, err
}
