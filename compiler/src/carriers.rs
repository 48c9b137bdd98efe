//! What a provider's product carries: a table of rules, each with its date and source.
//!
//! - KakaoTalk 알림톡 (AlimTalk): informational messages only; templates with advertising are rejected, and sending it all
//!   the same is punished per business (Kakao 알림톡 심사 가이드, read 2026-10; cs.kakao.com 1073199206).
//! - KakaoTalk 친구톡 (FriendTalk): advertising to friends of the channel, 08:00 to 20:00 (Naver Cloud SENS, 2026-09).
//! - KakaoTalk 브랜드 메시지 (Brand Message): advertising, 08:00 to 20:50 (Naver Cloud SENS, 2026-09-17).

use journey_ir::{Channel, Purpose};

/// A product of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Product {
    /// The word for it in `journey.toml`.
    pub(crate) word: &'static str,
    /// What people call it in Korean.
    pub(crate) korean: &'static str,
    /// The channel it is for.
    pub(crate) channel: Channel,
    /// What it carries.
    pub(crate) carries: &'static [Purpose],
}

/// All products with rules of their own.
const PRODUCTS: [Product; 3] = [
    Product {
        word: "alimtalk",
        korean: "알림톡",
        channel: Channel::Kakao,
        carries: &[Purpose::Transactional],
    },
    Product {
        word: "friendtalk",
        korean: "친구톡",
        channel: Channel::Kakao,
        carries: &[
            Purpose::Advertising,
            Purpose::Transactional,
            Purpose::Survey,
        ],
    },
    Product {
        word: "brand_message",
        korean: "브랜드 메시지",
        channel: Channel::Kakao,
        carries: &[Purpose::Advertising, Purpose::Survey],
    },
];

/// The products of a channel, by the word for them.
pub(crate) fn of_channel(channel: Channel) -> Vec<(&'static str, &'static Product)> {
    PRODUCTS
        .iter()
        .filter(|it| it.channel == channel)
        .map(|it| (it.word, it))
        .collect()
}
