package main

import (
	"encoding/binary"
	"io"
)

// zstdFrames walks the frames of what passes through it. The decoder skips skippable frames without a word, and what one reader skips is
// another reader's content: only those of zstd:chunked are let through, at the end of the blob.
type zstdFrames struct {
	r     io.Reader
	tail  *tail // nil where no skippable frame may be
	err   error
	next  framePart
	skip  int64     // bytes of no interest before the next part
	buf   []byte    // what is there of the next part
	keep  io.Writer // that gets these bytes, if somebody wants them
	at    int64     // bytes of the blob so far
	check bool      // the frame ends with a checksum
	ended bool
}

type framePart int

const (
	frameMagic framePart = iota
	frameHeader
	blockHeader
	skippableSize
)

var partSize = map[framePart]int{frameMagic: 4, frameHeader: 1, blockHeader: 3, skippableSize: 4}

func isSkippable(b []byte) bool {
	return len(b) >= 4 && b[0]&0xf0 == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18
}

func (z *zstdFrames) Read(p []byte) (int, error) {
	if z.err != nil {
		return 0, z.err
	}
	n, err := z.r.Read(p)
	if e := z.feed(p[:n]); e != nil {
		z.err = e
		return 0, e
	}
	z.ended = err == io.EOF
	return n, err
}

// finish reads what the decoder left, which may stop without asking for the end.
func (z *zstdFrames) finish() error {
	var rest [4096]byte
	for !z.ended {
		if _, err := z.Read(rest[:]); err != nil && err != io.EOF {
			return err
		}
	}
	if z.err != nil {
		return z.err
	}
	if z.next != frameMagic || len(z.buf) != 0 || z.skip != 0 {
		return refuse("zstd: has bytes behind the last frame")
	}
	return nil
}

func (z *zstdFrames) feed(p []byte) error {
	for len(p) > 0 {
		if z.skip > 0 {
			n := min(z.skip, int64(len(p)))
			if z.keep != nil {
				z.keep.Write(p[:n])
			}
			z.skip -= n
			z.at += n
			p = p[n:]
			continue
		}
		z.keep = nil
		n := min(partSize[z.next]-len(z.buf), len(p))
		z.buf = append(z.buf, p[:n]...)
		z.at += int64(n)
		p = p[n:]
		if len(z.buf) < partSize[z.next] {
			return nil
		}
		part := z.buf
		z.buf = z.buf[:0]
		if err := z.take(part); err != nil {
			return err
		}
	}
	return nil
}

func (z *zstdFrames) take(part []byte) error {
	switch z.next {
	case frameMagic:
		switch {
		case isSkippable(part) && z.tail == nil:
			return refuse("zstd: has a skippable frame")
		case isSkippable(part):
			z.next = skippableSize
		case string(part) == "\x28\xb5\x2f\xfd":
			if z.tail != nil && len(z.tail.frames) > 0 {
				return refuse("zstd: has a frame behind a skippable one")
			}
			z.next = frameHeader
		default:
			return refuse("zstd: has bytes that are no frame")
		}
	case skippableSize:
		size := int64(binary.LittleEndian.Uint32(part))
		keep, err := z.tail.begin(z.at, size)
		if err != nil {
			return err
		}
		z.skip, z.keep, z.next = size, keep, frameMagic
	case frameHeader:
		return z.header(part[0])
	case blockHeader:
		return z.block(int64(part[0]) | int64(part[1])<<8 | int64(part[2])<<16)
	}
	return nil
}

// header is the frame header descriptor: RFC 8878, 3.1.1.1.
func (z *zstdFrames) header(d byte) error {
	if d&0x08 != 0 {
		return refuse("zstd: a reserved bit is set")
	}
	if d&0x03 != 0 {
		return refuse("zstd: has a frame that needs a dictionary")
	}
	size := []int64{0, 2, 4, 8}[d>>6]
	if d&0x20 != 0 { // a single segment has no window descriptor, but always a size
		size = max(size, 1)
	} else {
		size++
	}
	z.check = d&0x04 != 0
	z.skip, z.next = size, blockHeader
	return nil
}

// block is a block header: RFC 8878, 3.1.1.2.
func (z *zstdFrames) block(header int64) error {
	z.skip = header >> 3
	switch header >> 1 & 3 {
	case 1: // one byte, repeated
		z.skip = 1
	case 3:
		return refuse("zstd: has a block of a reserved type")
	}
	if header&1 == 0 {
		return nil
	}
	z.next = frameMagic
	if z.check {
		z.skip += 4
	}
	return nil
}
