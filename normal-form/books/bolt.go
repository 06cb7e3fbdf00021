package books

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"sort"
)

// The file format of bbolt, which Trivy's database has: pages of a B+ tree, with trees as values in it. bbolt itself maps the file into memory, which
// a program in WebAssembly cannot. https://github.com/etcd-io/bbolt/blob/v1.4.0/internal/common/page.go
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	boltPageHeader = 16
	boltElement    = 16
	boltMeta       = 64
	boltBucket     = 16 // the root of a bucket, and its counter

	boltBranch     = 0x01
	boltLeaf       = 0x02
	boltIsBucket   = 0x01
	maxBoltKey     = 32 << 10
	maxBoltDepth   = 32
	maxInlinePage  = 64 << 10
	smallestBolt   = 1 << 9
	largestBoltSet = 1 << 16
)

var errBolt = errors.New("it is no database of bbolt")

// bolt reads one key at a time: a few pages from the root to a leaf, and of each a few keys.
type bolt struct {
	io.ReaderAt
	size, pageSize int64
	root           boltTree
}

// boltTree begins at a page, or is a page within a value.
type boltTree struct {
	page   uint64
	inline []byte
}

func openBolt(file io.ReaderAt, size int64) (*bolt, error) {
	var newest uint64
	var db *bolt
	for pageSize := int64(smallestBolt); pageSize <= largestBoltSet; pageSize *= 2 {
		for _, offset := range []int64{0, pageSize} {
			meta := make([]byte, boltMeta)
			if _, err := file.ReadAt(meta, offset+boltPageHeader); err != nil || !isBoltMeta(meta, pageSize) {
				continue
			}
			if transaction := binary.LittleEndian.Uint64(meta[48:]); db == nil || transaction > newest {
				newest = transaction
				db = &bolt{file, size, pageSize, boltTree{page: binary.LittleEndian.Uint64(meta[16:])}}
			}
		}
	}
	if db == nil {
		return nil, errBolt
	}
	return db, nil
}

func isBoltMeta(meta []byte, pageSize int64) bool {
	sum := fnv.New64a()
	sum.Write(meta[:56])
	return binary.LittleEndian.Uint32(meta) == boltMagic && binary.LittleEndian.Uint32(meta[4:]) == boltVersion &&
		int64(binary.LittleEndian.Uint32(meta[8:])) == pageSize && binary.LittleEndian.Uint64(meta[56:]) == sum.Sum64()
}

// bucket is the tree below a name.
func (db *bolt) bucket(tree boltTree, name string) (boltTree, bool) {
	page, err := db.page(tree)
	for range maxBoltDepth {
		if err != nil {
			return boltTree{}, false
		}
		if page.kind == boltLeaf {
			return page.find(name)
		}
		page, err = page.towards(name)
	}
	return boltTree{}, false
}

// boltPage is a part of the file, from the page's header on.
type boltPage struct {
	db       *bolt
	part     io.ReaderAt
	size     int64
	kind     uint16
	elements []byte
}

func (db *bolt) page(tree boltTree) (*boltPage, error) {
	if tree.inline != nil {
		return db.readPage(bytes.NewReader(tree.inline), int64(len(tree.inline)))
	}
	if tree.page > uint64(db.size/db.pageSize) {
		return nil, errBolt
	}
	offset := int64(tree.page) * db.pageSize
	return db.readPage(io.NewSectionReader(db.ReaderAt, offset, db.size-offset), db.size-offset)
}

func (db *bolt) readPage(part io.ReaderAt, size int64) (*boltPage, error) {
	start := make([]byte, boltPageHeader)
	if _, err := part.ReadAt(start, 0); err != nil {
		return nil, errBolt
	}
	kind, count := binary.LittleEndian.Uint16(start[8:]), int64(binary.LittleEndian.Uint16(start[10:]))
	if kind != boltLeaf && (kind != boltBranch || count == 0) || boltPageHeader+count*boltElement > size {
		return nil, errBolt
	}
	elements := make([]byte, count*boltElement)
	if _, err := part.ReadAt(elements, boltPageHeader); err != nil && count > 0 {
		return nil, errBolt
	}
	return &boltPage{db, part, size, kind, elements}, nil
}

func (p *boltPage) count() int { return len(p.elements) / boltElement }

// element has its place relative to itself, in another order on a leaf than on a branch.
func (p *boltPage) element(n int) (flags uint32, at, keySize, valueSize int64, page uint64) {
	e := p.elements[n*boltElement:][:boltElement]
	here := int64(boltPageHeader + n*boltElement)
	number := func(at int) int64 { return int64(binary.LittleEndian.Uint32(e[at:])) }
	if p.kind == boltBranch {
		return 0, here + number(0), number(4), 0, binary.LittleEndian.Uint64(e[8:])
	}
	return uint32(number(0)), here + number(4), number(8), number(12), 0
}

// key of an element; none that can be compared if it is not within the page.
func (p *boltPage) key(n int) ([]byte, bool) {
	_, at, size, _, _ := p.element(n)
	if size > maxBoltKey || at+size > p.size {
		return nil, false
	}
	key := make([]byte, size)
	read, _ := p.part.ReadAt(key, at)
	return key, int64(read) == size
}

// after is the first element whose key is higher.
func (p *boltPage) after(name string) int {
	return sort.Search(p.count(), func(n int) bool {
		key, ok := p.key(n)
		return !ok || string(key) > name
	})
}

func (p *boltPage) towards(name string) (*boltPage, error) {
	_, _, _, _, next := p.element(max(0, p.after(name)-1))
	return p.db.page(boltTree{page: next})
}

// find the bucket of that name on a leaf. A small one is in the value itself.
func (p *boltPage) find(name string) (boltTree, bool) {
	n := p.after(name) - 1
	if n < 0 {
		return boltTree{}, false
	}
	key, ok := p.key(n)
	flags, at, keySize, size, _ := p.element(n)
	if !ok || string(key) != name || flags&boltIsBucket == 0 || size < boltBucket || size > boltBucket+maxInlinePage {
		return boltTree{}, false
	}
	value := make([]byte, size)
	if read, _ := p.part.ReadAt(value, at+keySize); int64(read) != size {
		return boltTree{}, false
	}
	if page := binary.LittleEndian.Uint64(value); page != 0 {
		return boltTree{page: page}, true
	}
	return boltTree{inline: value[boltBucket:]}, true
}
