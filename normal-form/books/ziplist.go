package books

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

var (
	errTwoLists = errors.New("its list of entries is at one place counted from the end, where java looks, and at another counted from the beginning")
	errTwoEnds  = errors.New("it has two records of its end, of which some readers take the one and some the other")
)

// oneList: all readers find the list of entries at one place. Java counts back from the end by the size of the list. Go, and so Trivy, counts from the
// beginning if a list stands there, and does not look at a larger record of the end that is not needed. In most archives nothing is in front, and both
// places are one.
func oneList(from io.ReaderAt, end int64) error {
	record, err := readAt(from, make([]byte, 22), end)
	if err != nil {
		return err
	}
	entries, length, offset := binary.LittleEndian.Uint16(record[10:]), binary.LittleEndian.Uint32(record[12:]), binary.LittleEndian.Uint32(record[16:])
	larger := largerEnd(from, end)
	if larger == nil {
		return isOneList(from, end-int64(length), int64(offset))
	}
	if !agrees(uint64(entries), larger.entries, 1<<16-1) || !agrees(uint64(length), larger.length, 1<<32-1) || !agrees(uint64(offset), larger.offset, 1<<32-1) {
		return errTwoEnds
	}
	start := larger.at - int64(larger.length)
	isNeeded := entries == 1<<16-1 || length == 1<<32-1 || offset == 1<<32-1
	if start != int64(larger.offset) && !(isNeeded && larger.isOnlyDisk) {
		return errTwoEnds
	}
	return isOneList(from, start, int64(larger.offset))
}

func isOneList(from io.ReaderAt, start, offset int64) error {
	if start != offset && hasAt(from, offset, listOfZip) {
		return errTwoLists
	}
	return nil
}

// agrees: the smaller record has the same number, or the one that stands for all larger ones.
func agrees(small, large, most uint64) bool { return small == large || small == most }

// zip64End is the larger record of the end.
type zip64End struct {
	at                      int64
	entries, length, offset uint64
	isOnlyDisk              bool // as Go asks for, and java does not
}

// largerEnd is nil if none stands where the locator in front of the end says.
func largerEnd(from io.ReaderAt, end int64) *zip64End {
	locator, err := readAt(from, make([]byte, 20), end-20)
	if err != nil || !bytes.HasPrefix(locator, locatorOfZip) {
		return nil
	}
	at := int64(binary.LittleEndian.Uint64(locator[8:]))
	record, err := readAt(from, make([]byte, 56), at)
	if err != nil || string(record[:4]) != "PK\x06\x06" {
		return nil
	}
	return &zip64End{
		at:         at,
		entries:    binary.LittleEndian.Uint64(record[32:]),
		length:     binary.LittleEndian.Uint64(record[40:]),
		offset:     binary.LittleEndian.Uint64(record[48:]),
		isOnlyDisk: binary.LittleEndian.Uint32(locator[4:]) == 0 && binary.LittleEndian.Uint32(locator[16:]) == 1,
	}
}
