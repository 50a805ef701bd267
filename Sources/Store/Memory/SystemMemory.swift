/// Gives memory that was freed back to the system. The C library's module does not declare it.
@_silgen_name("malloc_trim")
func systemTrim(_ keep: Int) -> Int32
