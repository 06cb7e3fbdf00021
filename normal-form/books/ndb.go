package books

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var ndbMagic = []byte("RpmP")

// The database of SUSE's rpm, https://github.com/rpm-software-management/rpm/blob/rpm-4.18.0-release/lib/backend/ndb/rpmpkg.c: a header, slots
// that say where the package of a number is, and blocks.
const (
	ndbPage    = 4096
	ndbUnit    = 16 // of a slot, a block, the header of a package
	ndbHeader  = 2  // slots that the header takes
	maxNdbPage = 4096
)

var errNdb = errors.New("ndb's slots are damaged")

func readNdb(file File, yield func([]byte) error) error {
	start := make([]byte, 2*ndbUnit)
	if _, err := file.ReadAt(start, 0); err != nil {
		return errNdb
	}
	version, pages := binary.LittleEndian.Uint32(start[4:]), int64(binary.LittleEndian.Uint32(start[12:]))
	if version != 0 || pages == 0 || pages > maxNdbPage || pages*ndbPage > file.Size {
		return errNdb
	}
	left := file.Size // packages do not overlap
	slots := make([]byte, ndbPage)
	for page := range pages {
		if _, err := file.ReadAt(slots, page*ndbPage); err != nil {
			return err
		}
		for n := 0; n < ndbPage; n += ndbUnit {
			if page == 0 && n < ndbHeader*ndbUnit {
				continue
			}
			blob, err := ndbBlob(file, slots[n:], left)
			if err != nil {
				return err
			}
			if blob == nil {
				continue
			}
			left -= int64(len(blob))
			if err := yield(blob); err != nil {
				return err
			}
		}
	}
	return nil
}

// ndbBlob is the package that a slot leads to; none if the slot is free.
func ndbBlob(file File, slot []byte, left int64) ([]byte, error) {
	number, offset := binary.LittleEndian.Uint32(slot[4:]), int64(binary.LittleEndian.Uint32(slot[8:]))*ndbUnit
	if string(slot[:4]) != "Slot" {
		return nil, errNdb
	}
	if number == 0 {
		return nil, nil
	}
	start := make([]byte, ndbUnit)
	if _, err := file.ReadAt(start, offset); err != nil {
		return nil, errNdb
	}
	size := int64(binary.LittleEndian.Uint32(start[12:]))
	if string(start[:4]) != "BlbS" || binary.LittleEndian.Uint32(start[4:]) != number || size > left || size > maxHeader {
		return nil, fmt.Errorf("%w: package %d is not where they say", errNdb, number)
	}
	blob := make([]byte, size)
	if _, err := file.ReadAt(blob, offset+ndbUnit); err != nil {
		return nil, errNdb
	}
	return blob, nil
}
