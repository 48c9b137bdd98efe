//! The looks of pictures: one sheet for light and dark, without custom properties, which some viewers do not know.

use std::fmt::Write;

/// Fonts with Hangul on every common system.
pub(crate) const FONTS: &str = "Pretendard, 'Apple SD Gothic Neo', 'Noto Sans KR', 'Noto Sans CJK KR', NanumGothic, 'Malgun Gothic', system-ui, sans-serif";

/// The colours of an icon: class, colour, colour of its lines.
const COLOURS: [(&str, &str, &str); 20] = [
    ("email", "#2563eb", "#ffffff"),
    ("sms", "#059669", "#ffffff"),
    ("kakao", "#fae100", "#3c1e1e"),
    ("push", "#7c3aed", "#ffffff"),
    ("webhook", "#475569", "#ffffff"),
    ("inapp", "#0891b2", "#ffffff"),
    ("wait", "#64748b", "#ffffff"),
    ("race", "#4f46e5", "#ffffff"),
    ("branch", "#d97706", "#ffffff"),
    ("split", "#db2777", "#ffffff"),
    ("draw", "#be185d", "#ffffff"),
    ("repeat", "#6d28d9", "#ffffff"),
    ("do", "#334155", "#ffffff"),
    ("assign", "#b45309", "#ffffff"),
    ("note", "#0d9488", "#ffffff"),
    ("exit", "#dc2626", "#ffffff"),
    ("entry", "#16a34a", "#ffffff"),
    ("end", "#16a34a", "#ffffff"),
    ("goal", "#16a34a", "#ffffff"),
    ("plain", "#94a3b8", "#ffffff"),
];

const LIGHT: &str = "\
.jg-bg{fill:#f8fafc}
.jg-card{fill:#ffffff;stroke:#cbd5e1;stroke-width:1}
.jg-label{fill:#eef2f7;stroke:none}
.jg-label.otherwise{fill:#f1f5f9;stroke:#cbd5e1;stroke-width:1}
.jg-label.timeout{fill:#eef2ff;stroke:#818cf8;stroke-width:1;stroke-dasharray:4 3}
.jg-frame{fill:#0f172a;fill-opacity:.03;stroke:#94a3b8;stroke-width:1.2;stroke-dasharray:6 4}
.jg-title{font-size:19px;font-weight:700;fill:#0f172a}
.jg-head{font-size:13px;font-weight:600;fill:#0f172a}
.jg-detail{font-size:11.5px;fill:#475569}
.jg-words{font-size:11.5px;fill:#334155;text-anchor:middle}
.jg-frame-title{font-size:11.5px;font-weight:600;fill:#64748b}
.jg-line{fill:none;stroke:#94a3b8;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
.jg-line.dashed{stroke:#818cf8;stroke-dasharray:5 4}
.jg-tip{fill:#94a3b8}
.jg-badge{fill:#ffedd5}
.jg-badge-words{font-size:10px;font-weight:600;fill:#c2410c}
.jg-card.added{stroke:#16a34a;stroke-width:2.5}
.jg-card.changed{stroke:#d97706;stroke-width:2.5}
.jg-card.removed{stroke:#dc2626;stroke-width:2;stroke-dasharray:5 3}
.jg-icon{fill:none;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
";

const DARK: &str = "\
.jg-bg{fill:#0b1220}
.jg-card{fill:#172033;stroke:#334155}
.jg-label{fill:#1e293b}
.jg-label.otherwise{fill:#131c2e;stroke:#334155}
.jg-label.timeout{fill:#1e1b4b;stroke:#6366f1}
.jg-frame{fill:#e2e8f0;fill-opacity:.04;stroke:#475569}
.jg-title,.jg-head{fill:#f1f5f9}
.jg-detail,.jg-frame-title{fill:#a3b1c6}
.jg-words{fill:#cbd5e1}
.jg-line{stroke:#64748b}
.jg-tip{fill:#64748b}
.jg-badge{fill:#7c2d12}
.jg-badge-words{fill:#fed7aa}
";

/// The style sheet of a picture.
pub(super) fn sheet() -> String {
    let mut sheet = format!(".jg text{{font-family:{FONTS}}}\n{LIGHT}");
    for (class, colour, lines) in COLOURS {
        // Writing to a string cannot fail.
        let _ = writeln!(
            sheet,
            ".jg-{class}{{fill:{colour}}}\n.jg-{class}-icon{{stroke:{lines};color:{lines}}}"
        );
    }
    let _ = write!(sheet, "@media (prefers-color-scheme: dark){{\n{DARK}}}\n");
    sheet
}
