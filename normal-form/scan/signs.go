//go:build linux

package scan

import (
	"bufio"
	"bytes"
	"io"
	"os"
)

// longestSign: no sign reaches further into its line.
const longestSign = 4096

// excerpt is what is kept of a program's errors: each sign once, without the rest of its line, and then the end. Trivy quotes versions and paths,
// with which an attacker could push a sign out of the end.
func excerpt(file string, signs []pattern, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found := make([][]byte, len(signs))
	lines := bufio.NewReaderSize(f, longestSign)
	for isContinued := false; ; {
		part, isMore, err := lines.ReadLine()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for n, sign := range signs {
			if found[n] == nil && !isContinued {
				found[n] = bytes.Clone(sign.Find(part))
			}
		}
		isContinued = isMore
	}
	var kept bytes.Buffer
	for _, sign := range found {
		if sign != nil {
			kept.Write(append(sign, '\n'))
		}
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(max(0, size-most), io.SeekStart); err != nil {
		return nil, err
	}
	_, err = kept.ReadFrom(f)
	return kept.Bytes(), err
}
