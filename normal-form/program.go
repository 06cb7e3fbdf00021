package main

import (
	"bytes"
	"debug/elf"
	"io"
	"path"
	"strings"
)

// beginsAsProgram tells a program for Linux by its first bytes, and gives back a reader of all of them. A library has no entry point.
func beginsAsProgram(content io.Reader) (io.Reader, bool, error) {
	head := make([]byte, 32)
	n, err := io.ReadFull(content, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, false, err
	}
	head = head[:n]
	isProgram := false
	if n == cap(head) && bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		entry := head[24:28]
		if head[elf.EI_CLASS] == byte(elf.ELFCLASS64) {
			entry = head[24:32]
		}
		isProgram = !bytes.Equal(entry, make([]byte, len(entry)))
	}
	return io.MultiReader(bytes.NewReader(head), content), isProgram, nil
}

// modeForTrivy: Trivy reads programs only if they are executable, and /lib/ld.so starts them anyway. A file that is both program and archive is
// read as the archive where it is, and as the program in a layer of its own.
func modeForTrivy(mode int64, p string, isProgram bool) int64 {
	switch {
	case isProgram && isArchive(p):
		return mode &^ 0o111
	case isProgram:
		return mode | 0o111
	}
	return mode
}

// isArchive: Trivy opens this file as an archive of packages, by its name (Required in its pkg/fanal/analyzer/language/java/jar and
// language/python/packaging).
func isArchive(p string) bool { return isJavaArchive(path.Base(p)) || strings.HasSuffix(p, ".egg") }
