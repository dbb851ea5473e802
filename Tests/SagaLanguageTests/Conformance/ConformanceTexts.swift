extension ConformanceRule {
    /// The functions of strings, which count and compare code points.
    static let texts = table(
        #"""
        # string/size
        empty: size('') => 0
        one_ascii: size('A') => 1
        one_unicode: size('ß') => 1
        ascii: 'forty-two'.size() => 9
        unicode: 'πέντε'.size() => 5
        unicode: size('e\u0301') => 2
        unicode: size('👩‍🔬') => 3
        # string/starts_with
        basic_true: 'parcel'.startsWith('par') => true
        basic_false: 'parcel'.startsWith('cel') => false
        empty_target: ''.startsWith('a') => false
        empty_arg: 'a'.startsWith('') => true
        empty_empty: ''.startsWith('') => true
        unicode: 'Österreich'.startsWith('Ö') => true
        unicode: 'e\u0301'.startsWith('e') => true
        unicode_smp: '🎂🎁'.startsWith('🎂') => true
        # string/ends_with
        basic_true: 'parcel'.endsWith('cel') => true
        basic_false: 'parcel'.endsWith('par') => false
        empty_target: ''.endsWith('a') => false
        empty_arg: 'a'.endsWith('') => true
        empty_empty: ''.endsWith('') => true
        unicode: 'Straß'.endsWith('ß') => true
        unicode_smp: '🎂🎁'.endsWith('🎁') => true
        # string/contains
        contains_true: 'parcel'.contains('arc') => true
        contains_empty: 'parcel'.contains('') => true
        contains_false: 'parcel'.contains('car') => false
        contains_multiple: 'banana'.contains('ana') => true
        contains_unicode: 'Grüße'.contains('üß') => true
        contains_unicode_smp: 'a🎂b'.contains('🎂') => true
        empty_contains: ''.contains('a') => false
        empty_empty: ''.contains('') => true
        # string/concatenation
        concat_true: 'par' + 'cel' == 'parcel' => true
        concat_with_spaces: 'a ' + ' b' => "a  b"
        concat_empty_string_beginning: '' + 'a' => "a"
        concat_empty_string_end: 'a' + '' => "a"
        concat_empty_with_empty: '' + '' => ""
        unicode_unicode: 'ö' + 'ß' => "öß"
        ascii_unicode: 'a' + 'ß' => "aß"
        ascii_unicode_unicode_smp: 'a' + 'ß' + '🎂' => "aß🎂"
        empty_unicode: '' + 'ß' => "ß"
        # string_ext/join
        empty_separator: ['a', 'b'].join() => "ab"
        dash_separator: ['a', 'b', 'c'].join('--') => "a--b--c"
        empty_string_empty_separator: [].join() => ""
        empty_string_dash_separator: [].join('-') => ""
        """#)

    /// Literals that mean the same in each of the four quotes, for which `§` stands.
    static let quoted = table(
        #"""
        # parse/string_literals
        *_quoted: §hello§ => "hello"
        *_escaped_punctuation: § \\ \? \" \' \` § => " \\ ? \" ' ` "
        *_unescaped_punctuation: § ? ` § => " ? ` "
        *_escaped_special_control_characters: §\a\b\f\t\v§ == §\x07\x08\x0C\x09\x0B§ => true
        *_unescaped_special_control_characters: §␉§ == §\t§ => true
        *_escaped_line_feed: §a\nb§ => "a\nb"
        *_escaped_carriage_return: §a\rb§ => "a\rb"
        *_escaped_windows_line_end: §a\r\nb§ => "a\r\nb"
        *_escaped_all_control_characters: size(§\x01\x1F\x7F§) => 3
        *_octal_escapes: §\101\012\377§ => "A\nÿ"
        *_lower_x_escapes: §\x41\x7e\xff§ => "A~ÿ"
        *_upper_x_escapes: §\X41\X7E\Xff§ => "A~ÿ"
        *_lower_u_escapes: §\u0041\u00e9\uFFFB§ == §Aé\U0000FFFB§ => true
        *_upper_u_escapes: §\U00000041\U0001F382§ => "A🎂"
        mixed_case_hex_*: §\x4a\X4B\u00fC\U000000Fc§ => "JKüü"
        unassigned_code_point_*_escapes: size(§\U00088888§) => 1
        raw_*_escapes: r§\n\x41\\§ => "\\n\\x41\\\\"
        upper_raw_*_escapes: R§\n\x41\\§ => "\\n\\x41\\\\"
        # langdef/string_values
        : §\s§ => refused: syntax
        : §\x4§ => refused: syntax
        : §\u2FE§ => refused: syntax
        : §\400§ => refused: syntax
        : §\18§ => refused: syntax
        : §\uD83D\uDE03§ => refused: syntax
        : §\U00110000§ => refused: syntax
        : §open => refused: unterminated-string
        """#)
}
