//go:build linux

package scan

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const checksumsFile = "SHA256SUMS"

// writeChecksums writes the checksum of every file in the folder, as sha256sum does. It gives the checksum of what it wrote.
func writeChecksums(folder string) (string, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	var sums bytes.Buffer
	for _, file := range files {
		sum, err := checksum(filepath.Join(folder, file.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, file.Name())
	}
	return fmt.Sprintf("%x", sha256.Sum256(sums.Bytes())), os.WriteFile(filepath.Join(folder, checksumsFile), sums.Bytes(), 0o666)
}

func checksum(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}
