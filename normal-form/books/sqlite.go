package books

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

var sqliteMagic = []byte("SQLite format 3\x00")

// Types of the pages of a table, and the parts of a page; https://www.sqlite.org/fileformat.html.
const (
	sqliteInterior   = 0x05
	sqliteLeaf       = 0x0d
	sqliteFileHeader = 100
	sqliteUtf8       = 1
)

// packagesTable is the statement by which rpm makes its table, without blanks and in lower case. The table is read as this says, so it says nothing else.
const packagesTable = "createtable'packages'(hnumintegerprimarykeyautoincrement,blobblobnotnull)"

var errSqlite = errors.New("SQLite's pages are damaged")

// sqlite reads tables of a file of SQLite. Each page is read once, so that it ends, and what it reads is no more than the file has.
type sqlite struct {
	File
	pageSize, usable int64
	visited          map[uint32]bool
}

// readSqlite yields the column "blob" of each row of rpm's table "Packages".
func readSqlite(file File, yield func([]byte) error) error {
	db, err := openSqlite(file)
	if err != nil {
		return err
	}
	root, err := db.packagesRoot()
	if err != nil {
		return err
	}
	return db.rows(root, func(row []sqliteValue) error {
		if len(row) != 2 {
			return fmt.Errorf("%w: a row has %d columns", errSqlite, len(row))
		}
		return yield(row[1].data)
	})
}

func openSqlite(file File) (*sqlite, error) {
	start := make([]byte, sqliteFileHeader)
	if _, err := file.ReadAt(start, 0); err != nil {
		return nil, errSqlite
	}
	size := int64(binary.BigEndian.Uint16(start[16:]))
	if size == 1 {
		size = 64 << 10
	}
	encoding := binary.BigEndian.Uint32(start[56:])
	if size < 512 || size&(size-1) != 0 || encoding > sqliteUtf8 {
		return nil, errSqlite
	}
	usable := size - int64(start[20])
	if usable < 480 {
		return nil, errSqlite
	}
	return &sqlite{file, size, usable, map[uint32]bool{}}, nil
}

// packagesRoot is the first page of the table, as the table of tables has it.
func (db *sqlite) packagesRoot() (uint32, error) {
	var root uint32
	err := db.rows(1, func(row []sqliteValue) error {
		if len(row) != 5 || !strings.EqualFold(string(row[1].data), "packages") {
			return nil
		}
		if statement := plain(row[4].data); statement != packagesTable {
			return fmt.Errorf("the table Packages is not as rpm makes it: %.100q", statement)
		}
		if root != 0 {
			return fmt.Errorf("%w: two tables Packages", errSqlite)
		}
		root = uint32(row[3].number)
		return nil
	})
	if err == nil && root == 0 {
		err = errors.New("it has no table Packages")
	}
	return root, err
}

func plain(statement []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, string(statement))
}

// rows of the table whose tree begins at the page. The pages below one another are few; the way down is bounded as each page is visited once.
func (db *sqlite) rows(root uint32, yield func([]sqliteValue) error) error {
	todo := []uint32{root}
	for len(todo) > 0 {
		number := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		page, err := db.page(number)
		if err != nil {
			return err
		}
		start := int64(0)
		if number == 1 {
			start = sqliteFileHeader
		}
		switch page[start] {
		case sqliteInterior:
			below, err := db.below(page, start)
			if err != nil {
				return err
			}
			if todo = append(todo, below...); int64(len(todo)) > db.Size/db.pageSize {
				return fmt.Errorf("%w: more pages than the file has", errSqlite)
			}
		case sqliteLeaf:
			if err := db.leaf(page, start, yield); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%w: page %d is not of a table", errSqlite, number)
		}
	}
	return nil
}

func (db *sqlite) page(number uint32) ([]byte, error) {
	if number == 0 || db.visited[number] || int64(number) > db.Size/db.pageSize {
		return nil, fmt.Errorf("%w: page %d is missing or used twice", errSqlite, number)
	}
	db.visited[number] = true
	page := make([]byte, db.pageSize)
	if _, err := db.ReadAt(page, int64(number-1)*db.pageSize); err != nil {
		return nil, err
	}
	return page, nil
}

// cells are the offsets of what a page holds, behind its header.
func (db *sqlite) cells(page []byte, start, header int64) ([]int64, error) {
	count := int64(binary.BigEndian.Uint16(page[start+3:]))
	if start+header+2*count > db.usable {
		return nil, errSqlite
	}
	cells := make([]int64, count)
	for n := range cells {
		cells[n] = int64(binary.BigEndian.Uint16(page[start+header+2*int64(n):]))
		if cells[n] > db.usable-4 {
			return nil, errSqlite
		}
	}
	return cells, nil
}

func (db *sqlite) below(page []byte, start int64) ([]uint32, error) {
	cells, err := db.cells(page, start, 12)
	if err != nil {
		return nil, err
	}
	below := []uint32{binary.BigEndian.Uint32(page[start+8:])}
	for _, cell := range cells {
		below = append(below, binary.BigEndian.Uint32(page[cell:]))
	}
	return below, nil
}

func (db *sqlite) leaf(page []byte, start int64, yield func([]sqliteValue) error) error {
	cells, err := db.cells(page, start, 8)
	if err != nil {
		return err
	}
	used := int64(0)
	for _, cell := range cells {
		record, err := db.record(page, cell)
		if err != nil {
			return err
		}
		if used += db.local(int64(len(record))); used > db.usable {
			return fmt.Errorf("%w: rows overlap", errSqlite)
		}
		row, err := sqliteValues(record)
		if err != nil {
			return err
		}
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

// record of a cell: what does not fit into the page is in a chain of others.
func (db *sqlite) record(page []byte, cell int64) ([]byte, error) {
	content := page[cell:db.usable]
	size, n := sqliteVarint(content)
	_, m := sqliteVarint(content[n:])
	if n == 0 || m == 0 || size > maxHeader || int64(size) > db.Size {
		return nil, errSqlite
	}
	content = content[n+m:]
	local := db.local(int64(size))
	if local == int64(size) {
		if int64(len(content)) < local {
			return nil, errSqlite
		}
		return content[:local], nil
	}
	if int64(len(content)) < local+4 {
		return nil, errSqlite
	}
	record := append([]byte(nil), content[:local]...)
	for next := binary.BigEndian.Uint32(content[local:]); int64(len(record)) < int64(size); {
		more, err := db.page(next)
		if err != nil {
			return nil, err
		}
		next = binary.BigEndian.Uint32(more)
		record = append(record, more[4:min(db.usable, 4+int64(size)-int64(len(record)))]...)
	}
	return record, nil
}

// local is how much of a record of that size is in the page of its cell.
func (db *sqlite) local(size int64) int64 {
	most, least := db.usable-35, (db.usable-12)*32/255-23
	if size <= most {
		return size
	}
	if local := least + (size-least)%(db.usable-4); local <= most {
		return local
	}
	return least
}

// sqliteValue is a number, or data.
type sqliteValue struct {
	number int64
	data   []byte
}

// sqliteValues of a record: their types, then themselves.
func sqliteValues(record []byte) ([]sqliteValue, error) {
	size, n := sqliteVarint(record)
	if n == 0 || size > uint64(len(record)) || size < uint64(n) {
		return nil, errSqlite
	}
	types, data := record[n:size], record[size:]
	var row []sqliteValue
	for len(types) > 0 {
		kind, n := sqliteVarint(types)
		width, isNumber := sqliteWidth(kind)
		if n == 0 || width > uint64(len(data)) {
			return nil, errSqlite
		}
		value := sqliteValue{data: data[:width]}
		if isNumber {
			for _, digit := range value.data {
				value.number = value.number<<8 | int64(digit)
			}
		}
		row = append(row, value)
		types, data = types[n:], data[width:]
	}
	return row, nil
}

// sqliteWidth of a value of that type, and whether it is a whole number.
func sqliteWidth(kind uint64) (uint64, bool) {
	switch {
	case kind >= 12:
		return (kind - 12) / 2, false
	case kind >= 1 && kind <= 4:
		return kind, true
	case kind == 5:
		return 6, true
	case kind == 6:
		return 8, true
	case kind == 7:
		return 8, false
	}
	return 0, false
}

// sqliteVarint is a number of up to nine bytes, and how many it has; none if it is cut off.
func sqliteVarint(data []byte) (value uint64, length int) {
	for n, b := range data {
		if n == 8 {
			return value<<8 | uint64(b), 9
		}
		value = value<<7 | uint64(b&0x7f)
		if b < 0x80 {
			return value, n + 1
		}
	}
	return 0, 0
}
