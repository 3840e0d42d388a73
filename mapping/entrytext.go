package mapping

import "isthmus/component/stanza"

// EntryText is what an entry says, as plain text: its content, else its title.
func EntryText(e stanza.Entry) string {
	main, plainOne := choose(e.Content)
	switch {
	case !plainOne.IsZero():
		return plainText(plainOne)
	case !main.IsZero():
		return plainText(main)
	}
	return plainText(e.Title)
}
