package differential

import (
	"os"
	"os/exec"
	"path/filepath"
)

// What SQLite itself makes of a database, through Python, which has it built in.

const sqliteProgram = `
import shutil, sqlite3, sys
path, words = sys.argv[1], sys.argv[2]
database = sqlite3.connect(path, isolation_level=None)
if words == "log":
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    database.execute("INSERT INTO Packages (blob) SELECT blob FROM Packages LIMIT 1")
    shutil.copy(path, path + ".kept")
    shutil.copy(path + "-wal", path + ".log")
else:
    for each in words.split("; "):
        database.execute(each)
    database.execute("PRAGMA journal_mode=DELETE")
database.close()
`

// sqliteAfter is the database after some words of SQL; as it is if SQLite does not take them.
func sqliteAfter(database []byte, words string) []byte {
	after, _ := inSQLite(database, words, "database")
	if after == nil {
		return database
	}
	return after
}

// sqliteWithLog is the database with a change that stands in its log only.
func sqliteWithLog(database []byte) (kept, log []byte) {
	kept, log = inSQLite(database, "log", "database.kept")
	if kept == nil {
		return database, []byte("log")
	}
	return kept, log
}

func inSQLite(database []byte, words, result string) (content, log []byte) {
	folder, err := os.MkdirTemp("", "sqlite-")
	if err != nil {
		return nil, nil
	}
	defer os.RemoveAll(folder)
	at := filepath.Join(folder, "database")
	if os.WriteFile(at, database, 0o644) != nil || exec.Command("python3", "-c", sqliteProgram, at, words).Run() != nil {
		return nil, nil
	}
	content, _ = os.ReadFile(filepath.Join(folder, result))
	log, _ = os.ReadFile(at + ".log")
	return content, log
}
