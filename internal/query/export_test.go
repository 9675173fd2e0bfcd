package query

// Seal returns a cursor of any content, with a valid version and checksum.
func (t *Table) Seal(sort []Order, content []byte) string {
	sum := t.checksum(sort, content)
	return cursorEncoding.EncodeToString(append(append([]byte{cursorVersion}, sum[:]...), content...))
}
