package main

import (
	"bytes"
	"debug/elf"
	"io"
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
