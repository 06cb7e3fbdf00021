package books

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Tags of rpm's header, https://rpm-software-management.github.io/rpm/manual/tags.html.
const (
	tagName           = 1000
	tagVersion        = 1001
	tagRelease        = 1002
	tagEpoch          = 1003
	tagVendor         = 1011
	tagArch           = 1022
	tagFileDigests    = 1035
	tagSourceRpm      = 1044
	tagDirIndexes     = 1116
	tagBaseNames      = 1117
	tagDirNames       = 1118
	tagFileDigestAlgo = 5011
	tagModularity     = 5096
)

// Types of the values of a header.
const (
	typeInt32       = 4
	typeString      = 6
	typeStringArray = 8
	typeI18nString  = 9
)

const (
	headerEntrySize  = 16
	maxHeaderEntries = 64 << 10
	maxTexts         = 2 << 20 // in one list
)

var errHeader = errors.New("the header of a package is damaged")

// headerEntry is where a value is in the data of a header.
type headerEntry struct {
	kind, count uint32
	data        []byte // from the value to the end of the header
}

var headerTags = []uint32{
	tagName, tagVersion, tagRelease, tagEpoch, tagVendor, tagArch, tagFileDigests, tagSourceRpm,
	tagDirIndexes, tagBaseNames, tagDirNames, tagFileDigestAlgo, tagModularity,
}

// header of a package, as rpm keeps it: the tags that are asked for.
type header map[uint32]headerEntry

// readHeader takes apart what rpm stores: two counts, the index, the data. What is installed adds entries behind those that are signed, and rpm
// takes the last of a tag. A name that is there twice is nobody's package, though.
func readHeader(blob []byte) (header, error) {
	if len(blob) < 8 {
		return nil, errHeader
	}
	entries, size := binary.BigEndian.Uint32(blob), binary.BigEndian.Uint32(blob[4:])
	if entries > maxHeaderEntries || uint64(len(blob)) < 8+uint64(entries)*headerEntrySize+uint64(size) {
		return nil, errHeader
	}
	index, data := blob[8:8+entries*headerEntrySize], blob[8+entries*headerEntrySize:][:size]
	h := header{}
	for ; len(index) > 0; index = index[headerEntrySize:] {
		tag, offset := binary.BigEndian.Uint32(index), binary.BigEndian.Uint32(index[8:])
		if !slices.Contains(headerTags, tag) {
			continue
		}
		if offset > size {
			return nil, errHeader
		}
		if _, twice := h[tag]; twice && tag >= tagName && tag <= tagEpoch {
			return nil, fmt.Errorf("%w: it has the tag %d twice", errHeader, tag)
		}
		h[tag] = headerEntry{binary.BigEndian.Uint32(index[4:]), binary.BigEndian.Uint32(index[12:]), data[offset:]}
	}
	return h, nil
}

func (h header) text(tag uint32) (string, error) {
	entry, ok := h[tag]
	if !ok {
		return "", nil
	}
	text, _, ended := bytes.Cut(entry.data, []byte{0})
	if !ended || len(text) > maxLine || entry.kind != typeString && entry.kind != typeI18nString {
		return "", fmt.Errorf("%w: tag %d is no text", errHeader, tag)
	}
	return string(text), nil
}

func (h header) texts(tag uint32) ([]string, error) {
	entry, ok := h[tag]
	if !ok {
		return nil, nil
	}
	if entry.kind != typeStringArray || entry.count > maxTexts || uint64(entry.count) > uint64(len(entry.data)) {
		return nil, fmt.Errorf("%w: tag %d is no list of texts", errHeader, tag)
	}
	texts := make([]string, entry.count)
	rest := entry.data
	for n := range texts {
		text, more, ended := bytes.Cut(rest, []byte{0})
		if !ended {
			return nil, fmt.Errorf("%w: tag %d is cut off", errHeader, tag)
		}
		texts[n], rest = string(text), more
	}
	return texts, nil
}

func (h header) numbers(tag uint32) ([]uint32, error) {
	entry, ok := h[tag]
	if !ok {
		return nil, nil
	}
	if entry.kind != typeInt32 || uint64(entry.count)*4 > uint64(len(entry.data)) {
		return nil, fmt.Errorf("%w: tag %d is no list of numbers", errHeader, tag)
	}
	numbers := make([]uint32, entry.count)
	for n := range numbers {
		numbers[n] = binary.BigEndian.Uint32(entry.data[4*n:])
	}
	return numbers, nil
}

// listedFile is a file that a package lists, with the hash that it had; none for a folder or a link.
type listedFile struct {
	path, digest string
}

// files that the package lists. Their folders are in a list of their own.
func (h header) files(yield func(listedFile)) error {
	names, err1 := h.texts(tagBaseNames)
	folders, err2 := h.texts(tagDirNames)
	digests, err3 := h.texts(tagFileDigests)
	folderOf, err4 := h.numbers(tagDirIndexes)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	if len(folderOf) != len(names) || len(digests) != len(names) && len(digests) != 0 {
		return fmt.Errorf("%w: its lists of files have different lengths", errHeader)
	}
	for n, name := range names {
		if len(digests) == 0 || digests[n] == "" {
			continue
		}
		if int(folderOf[n]) >= len(folders) {
			return fmt.Errorf("%w: a file is in no folder", errHeader)
		}
		yield(listedFile{strings.TrimPrefix(path.Join(folders[folderOf[n]], name), "/"), digests[n]})
	}
	return nil
}
