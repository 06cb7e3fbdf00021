package main

import "sync/atomic"

const (
	defaultMaxBytes   = 32 << 30
	defaultMaxEntries = 3_000_000

	// What any Linux kernel takes. A longer one could not be unpacked, but would cost memory here.
	maxName = 255
	maxPath = 4096
	// maxNames bounds the memory for names and link targets, which are all that is kept of a file. A million honest files need some 30 MB.
	maxNames = 256 << 20
	// maxLinkSteps bounds how many names are walked because of links: a link may lead through 2,000 folders and 254 further links.
	maxLinkSteps = 64 << 20
)

// budget is what all layers of an image may cost together: a few kilobytes of a blob can decompress to as many gigabytes.
type budget struct {
	maxBytes, maxEntries                 int64
	read, written, entries, names, links atomic.Int64
}

// spending is what one layer has cost. It is given back when the layer is read once more.
type spending struct {
	of                            *budget
	read, written, entries, names int64
}

func (s *spending) readBytes(n int64) error {
	s.read += n
	if s.of.read.Add(n) > s.of.maxBytes {
		return refuse("takes the layers over %d bytes decompressed: the limit is --max-bytes", s.of.maxBytes)
	}
	return nil
}

func (s *spending) writeBytes(n int64) error {
	s.written += n
	if s.of.written.Add(n) > s.of.maxBytes {
		return refuse("takes the layers over %d bytes in the normal form, in which each hard link is a file: the limit is --max-bytes", s.of.maxBytes)
	}
	return nil
}

func (s *spending) entry(names int) error {
	s.entries++
	if s.of.entries.Add(1) > s.of.maxEntries {
		return refuse("takes the layers over %d tar entries: the limit is --max-entries", s.of.maxEntries)
	}
	s.names += int64(names)
	if s.of.names.Add(int64(names)) > maxNames {
		return refuse("takes the names in all layers over %d bytes", maxNames)
	}
	return nil
}

func (s *spending) steps(n int) error {
	if s.of.links.Add(int64(n)) > maxLinkSteps {
		return refuse("has links that lead through more than %d folders in all", maxLinkSteps)
	}
	return nil
}

func (s *spending) giveBack() {
	s.of.read.Add(-s.read)
	s.of.written.Add(-s.written)
	s.of.entries.Add(-s.entries)
	s.of.names.Add(-s.names)
	*s = spending{of: s.of}
}
