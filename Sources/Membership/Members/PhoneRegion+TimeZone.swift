extension PhoneRegion {
    /// Where the people of a time zone write down their phone numbers; `nil` for zones that more
    /// than one country uses, or that are not known here.
    ///
    /// Source: IANA Time Zone Database, zone1970.tab, for the countries in ``all``.
    static func of(zone: String) -> PhoneRegion? {
        byZone[zone].flatMap { named($0) }
    }

    private static let byZone: [String: String] = [
        "Asia/Dubai": "AE", "America/Argentina/Buenos_Aires": "AR", "Europe/Vienna": "AT",
        "Australia/Sydney": "AU", "Australia/Melbourne": "AU", "Australia/Brisbane": "AU",
        "Australia/Adelaide": "AU", "Australia/Perth": "AU", "Australia/Darwin": "AU",
        "Australia/Hobart": "AU", "Europe/Brussels": "BE", "America/Sao_Paulo": "BR",
        "America/Toronto": "CA", "America/Vancouver": "CA", "America/Edmonton": "CA",
        "America/Winnipeg": "CA", "America/Halifax": "CA", "Europe/Zurich": "CH",
        "Asia/Shanghai": "CN", "Asia/Urumqi": "CN", "Europe/Prague": "CZ", "Europe/Berlin": "DE",
        "Europe/Copenhagen": "DK", "Europe/Madrid": "ES", "Europe/Helsinki": "FI",
        "Europe/Paris": "FR", "Europe/London": "GB", "Europe/Athens": "GR",
        "Asia/Hong_Kong": "HK", "Asia/Jakarta": "ID", "Europe/Dublin": "IE",
        "Asia/Jerusalem": "IL", "Asia/Kolkata": "IN", "Atlantic/Reykjavik": "IS",
        "Europe/Rome": "IT", "Asia/Tokyo": "JP", "Asia/Seoul": "KR", "Asia/Macau": "MO",
        "America/Mexico_City": "MX", "Asia/Kuala_Lumpur": "MY", "Europe/Amsterdam": "NL",
        "Europe/Oslo": "NO", "Pacific/Auckland": "NZ", "Asia/Manila": "PH",
        "Europe/Warsaw": "PL", "Europe/Lisbon": "PT", "Europe/Moscow": "RU",
        "Asia/Riyadh": "SA", "Europe/Stockholm": "SE", "Asia/Singapore": "SG",
        "Asia/Bangkok": "TH", "Europe/Istanbul": "TR", "Asia/Taipei": "TW",
        "Europe/Kyiv": "UA", "America/New_York": "US", "America/Chicago": "US",
        "America/Denver": "US", "America/Los_Angeles": "US", "America/Phoenix": "US",
        "America/Anchorage": "US", "Pacific/Honolulu": "US", "Asia/Ho_Chi_Minh": "VN",
        "Africa/Johannesburg": "ZA",
    ]
}
