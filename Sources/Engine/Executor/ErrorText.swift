/// What errors repeat of what a client has sent: enough to find the place, and no more.
///
/// Names and values stand between quotation marks in messages. One that is long is cut, wherever the
/// message comes from, so that no answer, and no log, repeats a large input.
public enum ErrorText {
    /// Characters of a name or value that are shown. Reason: that finds it again.
    static let quotedMax = 100
    /// Characters of a message. Reason: lists and cycles have many names, and a hundred errors must
    /// fit into one answer.
    static let messageMax = 600
    /// Bytes after which no further error is told. Reason: with one more, the answer is still less
    /// than 64 KiB.
    static let errorBytesMax = 48 << 10
    /// Places of one error that are told.
    static let locationsMax = 20

    private static let dots = "...".unicodeScalars

    /// A message or hint as it may be shown.
    public static func shown(_ message: String) -> String {
        // Fewer bytes are not more characters.
        guard message.utf8.count > quotedMax else { return message }
        var text = String.UnicodeScalarView()
        var shownCount = 0
        var run = 0
        var (isQuoted, isEscaped) = (false, false)
        for scalar in message.unicodeScalars {
            if scalar == "\"", !isEscaped {
                isQuoted.toggle()
                run = 0
            } else if scalar == " ", !isQuoted {
                run = 0
            } else {
                run += 1
            }
            isEscaped = scalar == "\\" && !isEscaped
            if run > quotedMax {
                if run == quotedMax + 1 { end(&text) }
                continue
            }
            if shownCount == messageMax {
                end(&text)
                break
            }
            text.append(scalar)
            shownCount += 1
        }
        return String(text)
    }

    /// Dots in place of the last letters say that there was more.
    private static func end(_ text: inout String.UnicodeScalarView) {
        text.removeLast(dots.count)
        text.append(contentsOf: dots)
    }
}
