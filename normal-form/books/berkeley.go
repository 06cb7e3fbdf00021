package books

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A hash of Berkeley DB, as rpm made it until 4.16: pages of keys and values in turn, and chains of pages for the values that are too long, which
// packages are. Every page of the file is looked at, in the order of the file: what rpm finds by its chains of pages is among them.
const (
	berkeleyMagic      = 0x00061561
	berkeleyPageHeader = 26

	pageHashUnsorted = 2
	pageOverflow     = 7
	pageHash         = 13

	itemData     = 1
	itemOverflow = 3
	// A value within the page that is no package: the highest number of one that is given away.
	berkeleyNumber = 4
)

var errBerkeley = errors.New("Berkeley DB's pages are damaged")

type berkeley struct {
	File
	binary.ByteOrder
	pageSize int64
	left     int64           // values do not overlap
	visited  map[uint32]bool // pages of long values
}

func isBerkeley(start []byte) bool {
	return berkeleyOrder(start) != nil
}

func berkeleyOrder(start []byte) binary.ByteOrder {
	switch {
	case binary.LittleEndian.Uint32(start[12:]) == berkeleyMagic:
		return binary.LittleEndian
	case binary.BigEndian.Uint32(start[12:]) == berkeleyMagic:
		return binary.BigEndian
	}
	return nil
}

func readBerkeley(file File, yield func([]byte) error) error {
	start := make([]byte, 72)
	if _, err := file.ReadAt(start, 0); err != nil {
		return errBerkeley
	}
	db := berkeley{file, berkeleyOrder(start), 0, file.Size, map[uint32]bool{}}
	db.pageSize = int64(db.Uint32(start[20:]))
	encrypted := start[24] != 0
	if db.pageSize < 512 || db.pageSize > 64<<10 || db.pageSize&(db.pageSize-1) != 0 || encrypted {
		return errBerkeley
	}
	page := make([]byte, db.pageSize)
	for offset := db.pageSize; offset+db.pageSize <= file.Size; offset += db.pageSize {
		if _, err := file.ReadAt(page, offset); err != nil {
			return err
		}
		if kind := page[25]; kind != pageHash && kind != pageHashUnsorted {
			continue
		}
		if err := db.values(page, yield); err != nil {
			return err
		}
	}
	return nil
}

// values of a page: the items with an odd number.
func (db *berkeley) values(page []byte, yield func([]byte) error) error {
	count := int(db.Uint16(page[20:]))
	if berkeleyPageHeader+2*count > len(page) {
		return errBerkeley
	}
	end := len(page) // items lie from the end of the page to its beginning
	for n := range count {
		at := int(db.Uint16(page[berkeleyPageHeader+2*n:]))
		if at < berkeleyPageHeader || at >= end {
			return errBerkeley
		}
		item := page[at:end]
		end = at
		if n%2 == 0 {
			continue
		}
		value, err := db.value(item)
		if err != nil {
			return err
		}
		if value == nil {
			continue
		}
		if err := yield(value); err != nil {
			return err
		}
	}
	return nil
}

func (db *berkeley) value(item []byte) ([]byte, error) {
	switch {
	case item[0] == itemData && len(item) <= 1+berkeleyNumber:
		return nil, nil
	case item[0] == itemData:
		return item[1:], nil
	case item[0] == itemOverflow && len(item) >= 12:
		return db.chain(db.Uint32(item[4:]), int64(db.Uint32(item[8:])))
	}
	return nil, fmt.Errorf("%w: an item is of the unknown type %d", errBerkeley, item[0])
}

// chain of pages that hold a long value.
func (db *berkeley) chain(number uint32, size int64) ([]byte, error) {
	if size > db.left || size > maxHeader {
		return nil, errBerkeley
	}
	db.left -= size
	value := make([]byte, 0, size)
	page := make([]byte, db.pageSize)
	for int64(len(value)) < size {
		if _, err := db.ReadAt(page, int64(number)*db.pageSize); err != nil {
			return nil, errBerkeley
		}
		length := int64(db.Uint16(page[22:]))
		if db.visited[number] || page[25] != pageOverflow || length == 0 || length > db.pageSize-berkeleyPageHeader {
			return nil, fmt.Errorf("%w: page %d is not of a long value", errBerkeley, number)
		}
		db.visited[number] = true
		value = append(value, page[berkeleyPageHeader:][:length]...)
		number = db.Uint32(page[16:])
	}
	if int64(len(value)) != size {
		return nil, errBerkeley
	}
	return value, nil
}
