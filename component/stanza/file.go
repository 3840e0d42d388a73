package stanza

// File is a file that a message or an entry carries, by its address.
type File struct {
	URL  string // http or https
	Name string // of the file, "" unknown
	Type string // media type, "" unknown
	Desc string // what it shows, for who cannot see it
	Size int64  // bytes, 0 unknown
}
