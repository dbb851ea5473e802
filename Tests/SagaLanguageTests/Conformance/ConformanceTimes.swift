extension ConformanceRule {
    /// Timestamps, durations and their arithmetic.
    static let times = table(
        #"""
        # timestamps/timestamp_conversions
        toInt_timestamp: int(timestamp('2026-01-31T12:00:00Z')) => 1769860800
        toString_timestamp: string(timestamp('2026-01-31T14:00:00+02:00')) => "2026-01-31T12:00:00Z"
        # timestamps/duration_conversions
        toString_duration: string(duration('1h1ms')) => "3600.001s"
        # timestamps/timestamp_equality
        eq_same: timestamp('2026-01-31T12:00:00Z') == timestamp('2026-01-31T13:00:00+01:00') => true
        eq_diff: timestamp('2026-01-31T12:00:00Z') == timestamp('2026-01-31T12:00:01Z') => false
        neq_same: timestamp(60) != timestamp('1970-01-01T00:01:00Z') => false
        neq_diff: timestamp(60) != timestamp(61) => true
        # timestamps/duration_equality
        eq_same: duration('90s') == duration('1m30s') => true
        eq_diff: duration('90s') == duration('90ms') => false
        neq_same: duration('1h') != duration('60m') => false
        neq_diff: duration('1h') != duration('59m') => true
        # timestamps/timestamp_arithmetic
        add_duration_to_time: timestamp(60) + duration('2m') => timestamp 1970-01-01T00:03:00Z
        add_time_to_duration: duration('2m') + timestamp(60) => timestamp 1970-01-01T00:03:00Z
        add_duration_to_duration: duration('2m') + duration('-30s') => duration 90s
        add_time_to_duration_nanos_negative: timestamp('0001-01-01T00:00:00.000003Z')
            + duration('-2us') => timestamp 0001-01-01T00:00:00.000001Z
        add_time_to_duration_nanos_positive: timestamp('0001-01-01T00:00:01.999999Z')
            + duration('3us') => timestamp 0001-01-01T00:00:02.000002Z
        subtract_duration_from_time: timestamp(180) - duration('2m')
            => timestamp 1970-01-01T00:01:00Z
        subtract_time_from_time: timestamp(60) - timestamp(180) => duration -120s
        subtract_duration_from_duration: duration('1m') - duration('90s') => duration -30s
        # timestamps/comparisons
        leq_timestamp_true: timestamp(60) <= timestamp(60) => true
        leq_timestamp_false: timestamp(61) <= timestamp(60) => false
        leq_duration_true: duration('1m') <= duration('60s') => true
        leq_duration_false: duration('61s') <= duration('1m') => false
        less_timestamp_true: timestamp(59) < timestamp(60) => true
        less_duration_true: duration('-1m') < duration('0') => true
        geq_timestamp_true: timestamp(60) >= timestamp(60) => true
        geq_timestamp_false: timestamp(59) >= timestamp(60) => false
        geq_duration_true: duration('1m') >= duration('60s') => true
        geq_duration_false: duration('59s') >= duration('1m') => false
        greater_timestamp_true: timestamp(61) > timestamp(60) => true
        greater_duration_true: duration('1us') > duration('0s') => true
        # timestamps/timestamp_range
        from_string_under: timestamp('0000-12-31T23:59:59Z')
            => error: the timestamp is outside the years 0001 to 9999
        from_int_under: timestamp(-62135596801)
            => error: the timestamp is outside the years 0001 to 9999
        from_string_over: timestamp('10000-01-01T00:00:00Z')
            => error: timestamp() needs a text such as '2026-01-31T12:00:00Z',
            found '10000-01-01T00:00:00Z'
        from_int_over: timestamp(253402300800)
            => error: the timestamp is outside the years 0001 to 9999
        add_duration_under: timestamp(-62135596800) + duration('-1us')
            => error: the timestamp is outside the years 0001 to 9999
        add_duration_over: timestamp(253402300799) + duration('1s')
            => error: the timestamp is outside the years 0001 to 9999
        sub_time_duration_over: timestamp(253402300799) - timestamp(-62135596800)
            => error: the duration is longer than 292 years
        sub_time_duration_under: timestamp(-62135596800) - timestamp(253402300799)
            => error: the duration is longer than 292 years
        # timestamps/duration_range
        from_string_under: duration('-9223372037s') => error: the duration is longer than 292 years
        from_string_over: duration('9223372037s') => error: the duration is longer than 292 years
        add_under: duration('-5000000000s') + duration('-5000000000s')
            => error: the duration is longer than 292 years
        add_over: duration('5000000000s') + duration('5000000000s')
            => error: the duration is longer than 292 years
        sub_under: duration('-5000000000s') - duration('5000000000s')
            => error: the duration is longer than 292 years
        sub_over: duration('5000000000s') - duration('-5000000000s')
            => error: the duration is longer than 292 years
        # langdef/overflow
        : duration('9223372036.854775807s') => duration 9223372036.854775s
        : timestamp('9999-12-31T23:59:59.999999Z') => timestamp 9999-12-31T23:59:59.999999Z
        # langdef/duration
        : duration('0') => duration 0s
        : duration('-1h') => duration -3600s
        : duration('-23.4s') => duration -23.4s
        : duration('1h34us') => duration 3600.000034s
        : duration('1.5h') => duration 5400s
        : duration('1d') => error: duration() needs a text such as '1h30m' or '1.5s', found '1d'
        : duration('90') => error: duration() needs a text such as '1h30m' or '1.5s', found '90'
        : duration('') => error: duration() needs a text such as '1h30m' or '1.5s', found ''
        : duration('1h-1m')
            => error: duration() needs a text such as '1h30m' or '1.5s', found '1h-1m'
        # langdef/timestamp
        : timestamp('2026-02-29T00:00:00Z')
            => error: timestamp() needs a text such as '2026-01-31T12:00:00Z',
            found '2026-02-29T00:00:00Z'
        : timestamp('2026-01-31')
            => error: timestamp() needs a text such as '2026-01-31T12:00:00Z',
            found '2026-01-31'
        : timestamp('2026-01-31T12:00:00')
            => error: timestamp() needs a text such as '2026-01-31T12:00:00Z',
            found '2026-01-31T12:00:00'
        : timestamp('2024-02-29T23:59:59.25-00:30') => timestamp 2024-03-01T00:29:59.25Z
        : now + now => refused: wrong-type
        : duration('1s') - now => refused: wrong-type
        """#)
}
