extension ConformanceRule {
    /// Equality, order and membership, also between kinds.
    static let comparisons = table(
        #"""
        # comparisons/eq_literal
        eq_int: 7 == 7 => true
        not_eq_int: 7 == -7 => false
        eq_int_double: input.one == 1.0 => true
        not_eq_int_double: input.one == 1.5 => false
        eq_double: 0.25 == 2.5e-1 => true
        not_eq_double: 0.1 + 0.2 == 0.3 => false
        not_eq_double_nan: 0.0 / 0.0 == 0.0 / 0.0 => false
        not_eq_int_double_nan: input.one == 0.0 / 0.0 => false
        eq_double_int: 3.0 == size('abc') => true
        not_eq_double_int: 3.5 == size('abc') => false
        eq_string: 'a"b' == "a\"b" => true
        not_eq_string: 'a' == 'ab' => false
        eq_raw_string: 'a\\d' == r'a\d' => true
        not_eq_string_case: 'graz' == 'Graz' => false
        eq_string_unicode: 'é' == '\u00e9' => true
        not_eq_string_unicode_ascii: 'ö' == 'o' => false
        no_string_normalization: 'é' == 'e\u0301' => false
        eq_null: null == null => true
        eq_bool: false == false => true
        not_eq_bool: false == true => false
        eq_list_empty: [] == [] => true
        eq_list_null: [null] == [null] => true
        not_eq_list_null: [1, null] == [1, 2] => false
        not_eq_list_elem_null: [input.one] == [null] => false
        eq_list_numbers: [1, 2] == [1.0, 2.0] => true
        not_eq_list_length: ['a'] == ['a', 'b'] => false
        not_eq_list_order: [1, 2] == [2, 1] => false
        not_eq_list_string_case: ['a'] == ['A'] => false
        not_eq_list_false_vs_types: [false, input.zero] == [false, input.nil] => false
        eq_list_elem_mixed_types: [1, 'a', null] == [1.0, 'a', null] => true
        eq_map_empty: {} == {} => true
        eq_map_null: {'a': null} == {'a': null} => true
        not_eq_map_null: {'a': null} == {'a': input.one} => false
        eq_map_onekey: {'a': 'x'} == {'a': 'x'} => true
        eq_map_double_value: {'a': 1} == {'a': 1.0} => true
        eq_map_value_mixed_types: {'a': 1, 'b': 'x'} == {'a': 1, 'b': 'x'} => true
        not_eq_map_value: {'a': 'x'} == {'a': 'y'} => false
        not_eq_map_extra_key: {'a': 1} == {'a': 1, 'b': 2} => false
        eq_map_key_order: {'a': 1, 'b': 2} == {'b': 2, 'a': 1} => true
        not_eq_map_key_casing: {'a': 1} == {'A': 1} => false
        not_eq_map_false_vs_types: {'a': false} == {'a': input.zero} => false
        eq_mixed_types: input.one == input.text => false
        not_eq_dyn_bool_null: input.yes == null => false
        not_eq_dyn_double_null: input.half == null => false
        not_eq_dyn_int_null: input.one == null => false
        not_eq_dyn_list_null: input.list == null => false
        not_eq_dyn_map_null: input.map == null => false
        not_eq_dyn_string_null: input.text == null => false
        not_eq_dyn_timestamp_null: now == null => false
        not_eq_dyn_duration_null: duration('1s') == null => false
        eq_dyn_int_double: input.two == 2.0 => true
        eq_dyn_double_int: input.three == 3 => true
        not_eq_dyn_int_double: input.two == 2.5 => false
        not_eq_dyn_double_int: input.half == 1 => false
        # comparisons/ne_literal
        ne_int: 4 != 5 => true
        not_ne_int: 4 != 4 => false
        ne_int_double: input.one != 1.5 => true
        not_ne_int_double: input.one != 1.0 => false
        ne_double: 1.5 != 1.25 => true
        not_ne_double: 1.5 != 1.5 => false
        ne_double_nan: 0.0 / 0.0 != 0.0 / 0.0 => true
        ne_double_int: input.half != size('a') => true
        not_ne_double_int: input.three != size('abc') => false
        ne_string: 'a' != 'b' => true
        not_ne_string: 'a' != 'a' => false
        ne_string_unicode: 'ä' != 'a' => true
        not_ne_string_unicode: '🎂' != '\U0001F382' => false
        ne_bool: true != false => true
        not_ne_bool: true != true => false
        not_ne_null: null != null => false
        ne_list_empty: [] != [1] => true
        not_ne_list_empty: [] != [] => false
        ne_list_bool: [true] != [false] => true
        not_ne_list_bool: [true] != [true] => false
        not_ne_list_of_list: [[1], []] != [[1], []] => false
        ne_map_by_value: {'a': 1} != {'a': 2} => true
        ne_map_by_key: {'a': 1} != {'b': 1} => true
        not_ne_map_int_to_float: {'a': 1} != {'a': 1.0} => false
        not_ne_map_key_order: {'a': 1, 'b': 2} != {'b': 2, 'a': 1} => false
        # comparisons/lt_literal
        lt_int: -2 < -1 => true
        not_lt_int: 3 < 3 => false
        lt_double: -1.5 < -1.25 => true
        not_lt_double: 2.5 < 2.5 => false
        lt_string: 'Graz' < 'Wien' => true
        lt_string_empty_to_nonempty: '' < '\u0000' => true
        lt_string_case: 'Z' < 'a' => true
        lt_string_length: 'a' < 'aa' => true
        lt_string_diacritical_mark_sensitive: 'a' < 'ä' => true
        not_lt_string_empty: '' < '' => false
        not_lt_string_same: 'ab' < 'ab' => false
        not_lt_string_case_length: 'a' < 'ZZ' => false
        unicode_order_lexical: '\uffee' < '🎂' => true
        lt_bool_false_first: false < true => true
        not_lt_bool_same: true < true => false
        not_lt_bool_true_first: true < false => false
        lt_list_unsupported: [1] < [2] => refused: wrong-type
        lt_list_unsupported: input.list < input.list => error: '<' cannot compare a list and a list
        lt_map_unsupported: input.map < input.map => error: '<' cannot compare a map and a map
        lt_null_unsupported: input.nil < input.nil => error: '<' cannot compare null and null
        lt_mixed_types_error: 'a' < 1 => refused: wrong-type
        lt_mixed_types_error: input.text < input.one
            => error: '<' cannot compare a string and an int
        lt_dyn_int_double: input.one < 1.5 => true
        lt_dyn_double_int: input.half < 1 => true
        not_lt_dyn_int_double: input.two < 1.5 => false
        not_lt_dyn_double_int: input.three < 3 => false
        not_lt_dyn_int_big_lossy_double: input.big < 9223372036854775808.0 => false
        lt_dyn_int_big_lossy_double: input.big < 9223372036854780000.0 => true
        not_lt_dyn_int_small_double: input.least < -1e19 => false
        not_lt_dyn_int_small_lossy_double: input.least < -9223372036854775900.0 => false
        not_lt_dyn_big_double_int: 1e20 < input.big => false
        not_lt_dyn_small_double_int: -9223372036854775808.0 < input.least => false
        # comparisons/gt_literal
        gt_int: 5 > 4 => true
        not_gt_int: 5 > 5 => false
        gt_double: 1.5 > -1.5 => true
        not_gt_double: -1.5 > 1.5 => false
        gt_string_case: 'a' > 'A' => true
        gt_string_to_empty: 'a' > '' => true
        not_gt_string_empty_to_empty: '' > '' => false
        gt_string_unicode: '🎂' > 'z' => true
        gt_bool_true_false: true > false => true
        not_gt_bool_false_true: false > true => false
        not_gt_bool_same: false > false => false
        gt_null_unsupported: null > null => refused: wrong-type
        gt_list_unsupported: [1] > [0] => refused: wrong-type
        gt_map_unsupported: {'a': 1} > {'a': 0} => refused: wrong-type
        gt_mixed_types_error: true > 0 => refused: wrong-type
        gt_dyn_int_double: input.two > 1.5 => true
        gt_dyn_double_int: input.three > size('ab') => true
        not_gt_dyn_int_double: input.one > 1.5 => false
        not_gt_dyn_double_int: input.half > size('a') => false
        not_gt_dyn_int_big_double: input.big > 1e19 => false
        not_gt_dyn_int_small_lossy_double: input.least > -9223372036854775900.0 => false
        gt_dyn_int_small_lossy_double_greater: input.least > -9223372036854780000.0 => true
        not_gt_dyn_big_double_int: 9223372036854775808.0 > input.big => false
        not_gt_dyn_small_double_int: -1e19 > input.least => false
        # comparisons/lte_literal
        lte_int_lt: 1 <= 2 => true
        lte_int_eq: 2 <= 2 => true
        not_lte_int_gt: 3 <= 2 => false
        lte_double_lt: 1.5 <= 1.75 => true
        lte_double_eq: 1.5 <= 1.5 => true
        not_lte_double_gt: 1.75 <= 1.5 => false
        lte_string_empty: '' <= '' => true
        lte_string_from_empty: '' <= 'a' => true
        not_lte_string_to_empty: 'a' <= '' => false
        lte_string_lexicographical: 'aBc' <= 'abc' => true
        lte_string_unicode_eq: 'ü' <= 'ü' => true
        lte_string_unicode_lt: 'a' <= 'ü' => true
        not_lte_string_unicode: 'ü' <= 'a' => false
        lte_bool_false_true: false <= true => true
        lte_bool_false_false: false <= false => true
        lte_bool_true_false: true <= false => false
        lte_null_unsupported: input.nil <= input.nil => error: '<=' cannot compare null and null
        lte_list_unsupported: [0] <= [0] => refused: wrong-type
        lte_map_unsupported: {'a': 0} <= {'b': 1} => refused: wrong-type
        lte_mixed_types_error: 'a' <= 1 => refused: wrong-type
        lte_dyn_int_double: input.one <= 1.0 => true
        lte_dyn_double_int: input.three <= 3 => true
        not_lte_dyn_int_double: input.two <= 1.5 => false
        not_lte_dyn_double_int: input.three <= 2 => false
        lte_dyn_int_big_double: input.big <= 1e19 => true
        lte_dyn_int_small_lossy_double: input.least <= -9223372036854775900.0 => true
        not_lte_dyn_int_small_lossy_double_less: input.least <= -9223372036854780000.0 => false
        lte_dyn_big_double_int: 9223372036854775808.0 <= input.big => true
        lte_dyn_small_double_int: -1e19 <= input.least => true
        # comparisons/gte_literal
        gte_int_gt: 4 >= 3 => true
        gte_int_eq: 4 >= 4 => true
        not_gte_int_lt: -5 >= -4 => false
        gte_double_gt: 2.5 >= 2.25 => true
        gte_double_eq: 2.5 >= 2.5 => true
        not_gte_double_lt: 2.25 >= 2.5 => false
        gte_string_empty: '' >= '' => true
        gte_string_to_empty: 'a' >= '' => true
        gte_string_empty_to_nonempty: '' >= 'a' => false
        gte_string_length: 'aa' >= 'a' => true
        not_gte_string_lexicographical: 'abd' >= 'abe' => false
        gte_string_unicode_eq: 'ß' >= 'ß' => true
        gte_string_unicode_gt: 'ß' >= 'ss' => true
        not_get_string_unicode: 'ss' >= 'ß' => false
        gte_bool_gt: true >= false => true
        gte_bool_eq: true >= true => true
        not_gte_bool_lt: false >= true => false
        gte_null_unsupported: null >= null => refused: wrong-type
        gte_list_unsupported: ['b'] >= ['a'] => refused: wrong-type
        gte_map_unsupported: input.map >= input.map => error: '>=' cannot compare a map and a map
        gte_mixed_types_error: input.text >= 1.0 => error: '>=' cannot compare a string and a double
        gte_dyn_int_double: input.two >= 2.0 => true
        gte_dyn_double_int: input.three >= 3 => true
        not_gte_dyn_int_double: input.one >= 1.5 => false
        not_gte_dyn_double_int: input.half >= 1 => false
        gte_dyn_int_big_lossy_double: input.big >= 9223372036854775808.0 => true
        not_gte_dyn_int_big_double: input.big >= 1e19 => false
        gte_dyn_int_small_lossy_double_equal: input.least >= -9223372036854775900.0 => true
        gte_dyn_int_small_lossy_double_greater: input.least >= -9223372036854780000.0 => true
        gte_dyn_big_double_int: 1e19 >= input.big => true
        gte_dyn_small_double_int: -9223372036854775808.0 >= input.least => true
        # comparisons/in_list_literal
        elem_not_in_empty_list: 'a' in [] => false
        elem_in_list: 'a' in ['b', 'a'] => true
        elem_not_in_list: 'c' in ['b', 'a'] => false
        elem_in_mixed_type_list: 'a' in [1, 'a', null] => true
        # comparisons/in_map_literal
        key_not_in_empty_map: 'a' in {} => false
        key_in_map: 'a' in {'a': false} => true
        key_not_in_map: 'b' in {'a': 'b'} => false
        # comparisons/bound
        int_lte_right_true: 1 <= input.one => true
        bool_lt_right_true: false < input.yes => true
        double_ne_left_false: input.half != 0.5 => false
        map_ne_right_false: {'a': 1, 'b': null} != input.map => false
        null_eq_left_true: input.nil == null => true
        list_eq_right_false: [1, 2] == input.list => false
        string_gte_right_true: 'b' >= input.text => true
        null_lt_right_no_such_overload: null < input.one => refused: wrong-type
        # langdef/equality
        : {'a': [1, {'b': null}]} == {'a': [1.0, {'b': null}]} => true
        # langdef/ordering
        : 0.0 / 0.0 < 1.0 || 0.0 / 0.0 >= 1.0 => false
        : 0.0 == -0.0 => true
        : 1.0 / 0.0 > input.big => true
        """#)
}
