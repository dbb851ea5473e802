extension ConformanceRule {
    /// The arithmetic of ints and of doubles.
    static let numbers = table(
        #"""
        # integer_math/int64_math
        add_positive_positive: 20 + 22 => 42
        add_positive_negative: 20 + -22 => -2
        add_negative_negative: -20 + -22 => -42
        sub_positive_positive: 20 - 22 => -2
        sub_positive_negative: 20 - -22 => 42
        sub_negative_negative: -20 - -22 => 2
        multiply_positive_positive: 6 * 7 => 42
        multiply_positive_negative: 6 * -7 => -42
        multiply_negative_negative: -6 * -7 => 42
        divide_positive_positive: 17 / 5 => 3
        divide_positive_negative: 17 / -5 => -3
        divide_negative_negative: -17 / -5 => 3
        mod_positive_positive: 17 % 5 => 2
        mod_positive_negative: 17 % -5 => 2
        mod_negative_negative: -17 % -5 => -2
        mod_negative_positive: -17 % 5 => -2
        unary_minus_pos: -(17) => -17
        unary_minus_neg: -(-17) => 17
        unary_minus_not_bool: -true => refused: wrong-type
        mod_zero: 17 % 0 => error: an int is divided by zero
        negative_zero: -0 => 0
        double_negative: --17 => 17
        divide_zero: 17 / 0 => error: an int is divided by zero
        multiply_zero: 17 * 0 => 0
        add_left_identity: 0 + 17 => 17
        add_right_identity: 17 + 0 => 17
        add_commutative: 3 + 8 == 8 + 3 => true
        add_associative: 3 + (8 + 5) == (3 + 8) + 5 => true
        mul_left_identity: 1 * 17 => 17
        mul_right_identity: 17 * 1 => 17
        mul_commutative: 3 * 8 == 8 * 3 => true
        mul_associative: 3 * (8 * 5) == (3 * 8) * 5 => true
        add_mul_distribute: 3 * (8 + 5) == 3 * 8 + 3 * 5 => true
        int64_overflow_positive: 9223372036854775807 + 1 => error: the int does not fit 64 bits
        int64_overflow_negative: -9223372036854775808 - 1 => error: the int does not fit 64 bits
        int64_overflow_add_negative: -9223372036854775808 + -1
            => error: the int does not fit 64 bits
        int64_overflow_sub_positive: 9223372036854775807 - -1 => error: the int does not fit 64 bits
        int64_min_negate: -(-9223372036854775808) => error: the int does not fit 64 bits
        int64_min_negate_mul: -9223372036854775808 * -1 => error: the int does not fit 64 bits
        int64_min_negate_div: -9223372036854775808 / -1 => error: the int does not fit 64 bits
        int64_overflow_mul_positive: 4611686018427387904 * 2 => error: the int does not fit 64 bits
        int64_overflow_mul_negative: -4611686018427387905 * 2 => error: the int does not fit 64 bits
        # langdef/overflow
        : -9223372036854775808 % -1 => error: the int does not fit 64 bits
        : 9223372036854775808 => refused: syntax
        : -9223372036854775809 => refused: syntax
        : 0x8000000000000000 => refused: syntax
        # langdef/numeric_values
        : input.one + input.half
            => error: '+' does not take an int and a double: convert one with double() or int()
        : size('a') + 1.5 => refused: mixed-numbers
        # fp_math/fp_math
        add_positive_positive: 1.25 + 2.5 => 3.75
        add_positive_negative: 1.25 + -2.5 => -1.25
        add_negative_negative: -1.25 + -2.5 => -3.75
        sub_positive_positive: 1.25 - 2.5 => -1.25
        sub_positive_negative: 1.25 - -2.5 => 3.75
        sub_negative_negative: -1.25 - -2.5 => 1.25
        multiply_positive_positive: 1.5 * 2.5 => 3.75
        multiply_positive_negative: 1.5 * -2.5 => -3.75
        multiply_negative_negative: -1.5 * -2.5 => 3.75
        divide_positive_positive: 7.5 / 2.5 => 3.0
        divide_positive_negative: 7.5 / -2.5 => -3.0
        divide_negative_negative: -7.5 / -2.5 => 3.0
        mod_not_support: 7.5 % 2.5 => refused: wrong-type
        mod_not_support: input.half % input.half => error: '%' does not take a double and a double
        negative: -(1.5) => -1.5
        double_negative: -(-1.5) => 1.5
        negative_zero: -0.0 => -0.0
        divide_zero: 1.5 / 0.0 => inf
        multiply_zero: 1.5 * 0.0 => 0.0
        add_left_identity: 0.0 + 1.5 => 1.5
        add_right_identity: 1.5 + 0.0 => 1.5
        add_commutative: 1.5 + 0.75 == 0.75 + 1.5 => true
        add_associative: 1.5 + (0.75 + 2.0) == (1.5 + 0.75) + 2.0 => true
        mul_left_identity: 1.0 * 1.5 => 1.5
        mul_right_identity: 1.5 * 1.0 => 1.5
        mul_commutative: 1.5 * 0.75 == 0.75 * 1.5 => true
        mul_associative: 1.5 * (0.75 * 2.0) == (1.5 * 0.75) * 2.0 => true
        add_mul_distribute: 1.5 * (0.75 + 2.0) == 1.5 * 0.75 + 1.5 * 2.0 => true
        fp_overflow_positive: 1e308 * 10.0 => inf
        fp_overflow_negative: -1e308 * 10.0 => -inf
        fp_underflow: 5e-324 / 4.0 => 0.0
        """#)

    /// `int()`, `double()`, `string()` and what each takes.
    static let conversions = table(
        #"""
        # conversions/double
        int_zero: double(0) => 0.0
        int_pos: double(1048576) => 1048576.0
        int_neg: double(-3) => -3.0
        int_min_exact: double(-9007199254740992) => -9007199254740992.0
        int_max_exact: double(9007199254740992) => 9007199254740992.0
        int_range: double(9223372036854775807) => 9.223372036854776e+18
        string_zero: double('0') => 0.0
        string_zero_dec: double('0.00') => 0.0
        string_neg_zero: double('-0.0') => -0.0
        string_no_dec: double('12') => 12.0
        string_pos: double('12.75') => 12.75
        string_neg: double('-12.75') => -12.75
        string_exp_pos_pos: double('2.5e2') => 250.0
        string_exp_pos_neg: double('2.5e-1') => 0.25
        string_exp_neg_pos: double('-2.5E+2') => -250.0
        string_exp_neg_neg: double('-2.5e-1') => -0.25
        string: double('twelve') => error: double() needs the digits of a number, found 'twelve'
        # conversions/int
        double_round_neg: int(-12.75) => -12
        double_truncate: int(1.25) => 1
        double_truncate_neg: int(-7.9) => -7
        double_half_pos: int(2.5) => 2
        double_half_neg: int(-2.5) => -2
        double_big_exact: int(9007199254740991.0) => 9007199254740991
        double_big_precision: int(9007199254740993.0) => 9007199254740992
        double_int_max_range: int(9223372036854775807.0)
            => error: int() of 9.223372036854776e+18: the int does not fit 64 bits
        double_int_min_range: int(-9223372036854775808.0)
            => error: int() of -9.223372036854776e+18: the int does not fit 64 bits
        double_range: int(1e99) => error: int() of 1e+99: the int does not fit 64 bits
        double_range: int(0.0 / 0.0) => error: int() of NaN: the int does not fit 64 bits
        string: int('-42') => -42
        string: int('4.2') => error: int() needs the digits of a whole number, found '4.2'
        string: int('9223372036854775808')
            => error: int() needs the digits of a whole number, found '9223372036854775808'
        timestamp: int(timestamp('1970-01-01T00:01:30Z')) => 90
        # conversions/string
        int: string(17) => "17"
        int_neg: string(-17) => "-17"
        double: string(12.75) => "12.75"
        double_hard: string(-1.5e-300) => "-1.5e-300"
        bool: string(1 < 2) => "true"
        # conversions/identity
        int: int(17) => 17
        double: double(1.5) => 1.5
        string: string('a') => "a"
        timestamp: timestamp(timestamp('2026-01-31T12:00:00Z')) => timestamp 2026-01-31T12:00:00Z
        duration: duration(duration('90s')) => duration 90s
        # langdef/string
        : string([1]) => refused: wrong-type
        : string(input.nil) => error: string() does not take null
        """#)
}
