import Bytes

/// Birthdays without their year.
enum Birthday {
    /// The year in which a birthday is kept on `day`; nil when it is not kept on that day. Who was
    /// born on 29 February keeps it on the 28th in the other years.
    ///
    /// - Parameters:
    ///   - birthday: the day of birth, as a day number.
    ///   - day: as a day number.
    static func year(of birthday: Int32, on day: Int32) -> Int? {
        let born = CivilDate(dayNumber: birthday)
        let date = CivilDate(dayNumber: day)
        if born.month == date.month, born.day == date.day { return date.year }
        guard born.month == 2, born.day == 29, date.month == 2, date.day == 28 else { return nil }
        return CivilDate(year: date.year, month: 2, day: 29) == nil ? date.year : nil
    }
}
