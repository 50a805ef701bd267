import Engine
import Store
import Synchronization

/// The days of each chapter, by its time zone.
struct ChapterCalendars: BoundTables {
    let table: RuleTable
    private let timezone: RowField<String>
    private let known = KnownCalendars()

    init(_ binder: RuleBinder) {
        let row = binder.table("Chapter")
        table = row.table
        timezone = row("timezone")
    }

    /// The days of a chapter; those of Greenwich when its zone is unknown.
    func calendar(of chapter: RowRef, _ data: DataView) -> LocalCalendar {
        known.calendar(zone(of: chapter, data))
    }

    /// The name of a chapter's time zone.
    func zone(of chapter: RowRef, _ data: DataView) -> String {
        data.row(table, chapter)[timezone]
    }

    /// The days of a time zone by its name; those of Greenwich when it is unknown.
    func calendar(zone: String) -> LocalCalendar { known.calendar(zone) }
}

/// Calendars that were asked for: making one reads files.
private final class KnownCalendars: Sendable {
    private let byZone = Mutex<[String: LocalCalendar]>([:])

    func calendar(_ zone: String) -> LocalCalendar {
        byZone.withLock { byZone in
            if let calendar = byZone[zone] { return calendar }
            let calendar = LocalCalendar(identifier: zone) ?? .utc
            byZone[zone] = calendar
            return calendar
        }
    }
}
