//! One sentence for each word of the language, in English and Korean, for hover and completion.

use crate::problem::Text;

macro_rules! phrases {
    ($($word:literal: $en:literal, $ko:literal;)*) => {
        const ALL: &[(&str, &str, &str)] = &[$(($word, $en, $ko)),*];
    };
}

phrases! {
    "contact": "What is known about each person.", "고객 한 사람에 대해 아는 것입니다.";
    "event": "Something that people do, with its fields.", "사람들이 하는 일과 그 필드입니다.";
    "consent": "A permission that people give, per channel.", "고객이 채널별로 하는 동의입니다.";
    "policy": "Limits that all messages keep: how many, and when.", "모든 메시지가 지키는 한도입니다: 몇 통까지, 언제.";
    "offer": "A coupon or discount that messages can carry.", "메시지에 담을 수 있는 쿠폰이나 할인입니다.";
    "segment": "People for whom a condition holds now. They join and leave by themselves.", "지금 조건에 맞는 사람들입니다. 저절로 들어오고 나갑니다.";
    "lifecycle": "Stages of which every person is in exactly one: the first from the top that fits.", "누구나 정확히 한 단계에 속합니다: 위에서부터 처음 맞는 단계입니다.";
    "score": "Points for events, fading with time.", "이벤트마다 쌓이고 시간이 지나면 줄어드는 점수입니다.";
    "funnel": "Stages that people pass on their way, counted for reports.", "사람들이 거쳐 가는 단계로, 보고서에서 셉니다.";
    "kpi": "A number to watch, with a target and an alert.", "목표와 알림이 있는 지표입니다.";
    "audience": "People who are handed to an advertising platform.", "광고 플랫폼에 넘길 사람들입니다.";
    "sequence": "Steps that several journeys share; `run` puts them in.", "여러 여정이 함께 쓰는 단계 묶음입니다. `run`으로 넣습니다.";
    "journey": "What happens to a person from an entry to an end.", "한 사람이 들어와서 끝날 때까지 일어나는 일입니다.";
    "moved": "Says that a renamed journey or step is the same one, so that the people inside stay in it.", "이름이 바뀐 여정이나 단계가 같은 것임을 알려, 안에 있는 사람이 그대로 이어 가게 합니다.";
    "test": "A story on a virtual clock, and what must come of it.", "가상 시계로 돌려 보는 이야기와 그 결과입니다.";
    "enter": "Who starts a run of this journey, and when.", "누가 언제 이 여정을 시작하는지 정합니다.";
    "reenter": "Whether a person may come again. Without it: never.", "같은 사람이 다시 들어올 수 있는지 정합니다. 없으면 다시 들어오지 않습니다.";
    "one": "`one run per …`: one run for each value of this field instead of one per person.", "`one run per …`: 사람마다가 아니라 이 필드의 값마다 하나씩 진행합니다.";
    "restart": "`restart on repeat`: the same event again starts the run from the beginning.", "`restart on repeat`: 같은 이벤트가 다시 오면 처음부터 다시 시작합니다.";
    "goal": "The event that the journey hopes for. It ends the run at once, wherever it waits.", "이 여정이 바라는 이벤트입니다. 어디서 기다리고 있든 바로 끝납니다.";
    "exit": "`exit` ends the run here; `exit when` ends it at once wherever it waits.", "`exit`은 여기서, `exit when`은 어디서 기다리든 바로 진행을 끝냅니다.";
    "priority": "Which journey goes first when a limit lets only one message through.", "한도 때문에 하나만 보낼 수 있을 때 어느 여정이 먼저인지 정합니다.";
    "owner": "Who answers for this journey.", "이 여정의 담당자입니다.";
    "send": "Sends a message, if the person agreed to it and no limit keeps it back. The run goes on either way.", "동의했고 한도에 걸리지 않으면 메시지를 보냅니다. 보내지 못해도 진행은 이어집니다.";
    "wait": "The run rests here. `day` and longer keep the contact's clock, `hour` and shorter are exact.", "여기서 기다립니다. `day` 이상은 고객의 시계를, `hour` 이하는 정확한 시간을 따릅니다.";
    "until": "Rests until a time. One that has passed already is not waited for.", "그때까지 기다립니다. 이미 지났으면 기다리지 않습니다.";
    "if": "Only people for whom this holds. A comparison with a missing value does not hold.", "조건에 맞는 사람만 갑니다. 값이 없으면 비교는 성립하지 않습니다.";
    "otherwise": "Everyone who is left, also those with a missing value.", "남은 모두입니다. 값이 없는 사람도 포함됩니다.";
    "choose": "One arm for each value of a field; all values must be handled.", "필드의 값마다 갈래 하나입니다. 모든 값을 다뤄야 합니다.";
    "split": "An experiment: people are divided at random and keep their arm.", "실험입니다. 사람을 무작위로 나누고, 한 번 정해진 갈래는 바뀌지 않습니다.";
    "repeat": "The steps again and again, at most so many times.", "정한 횟수까지 단계를 되풀이합니다.";
    "run": "Puts the steps of a sequence here.", "시퀀스의 단계를 여기에 넣습니다.";
    "do": "Calls another system by a connector of journey.toml.", "journey.toml의 연동으로 다른 시스템을 부릅니다.";
    "assign": "Gives a task to a team.", "팀에 할 일을 줍니다.";
    "set": "Sets an attribute of the contact.", "고객의 속성을 바꿉니다.";
    "add": "`add tag`: puts a tag on the contact.", "`add tag`: 고객에게 태그를 붙입니다.";
    "remove": "`remove tag`: takes a tag off the contact.", "`remove tag`: 고객의 태그를 뗍니다.";
    "remember": "Keeps a value for the rest of this run.", "이번 진행 동안 값을 기억합니다.";
    "on": "What happens when this event comes first.", "이 이벤트가 먼저 오면 일어나는 일입니다.";
    "timeout": "None of the events came in time. Events that arrive late have had their chance.", "시간 안에 아무 이벤트도 오지 않았습니다. 늦게 도착하는 이벤트까지 기다린 뒤입니다.";
    "joins": "At the instant a person becomes a member.", "세그먼트에 들어오는 순간입니다.";
    "leaves": "At the instant a person is a member no more.", "세그먼트에서 나가는 순간입니다.";
    "becomes": "At the instant a person comes into this stage.", "이 단계가 되는 순간입니다.";
    "did": "Looks at what the person has done.", "그 사람이 한 일을 봅니다.";
    "never": "`never did`: not once, as far back as is known. `reenter never`: only one run per person.", "`never did`: 지금까지 한 번도 하지 않았습니다. `reenter never`: 한 사람은 한 번만.";
    "where": "Only events whose fields fit. Inside, bare names are the event's fields.", "필드가 맞는 이벤트만 셉니다. 괄호 안의 이름은 이벤트의 필드입니다.";
    "within": "In the time that follows. The past is `in the last …`.", "앞으로의 시간입니다. 지나간 시간은 `in the last …`로 씁니다.";
    "under": "Less than this value; 미만.", "이 값보다 작습니다(미만).";
    "over": "More than this value; 초과.", "이 값보다 큽니다(초과).";
    "least": "`at least`: this value or more; 이상.", "`at least`: 이 값이거나 그보다 큽니다(이상).";
    "most": "`at most`: this value or less; 이하.", "`at most`: 이 값이거나 그보다 작습니다(이하).";
    "between": "From the first value to the second, both included.", "첫 값부터 둘째 값까지이며 둘 다 포함합니다.";
    "missing": "The value is not known.", "값을 모릅니다.";
    "known": "The value is known.", "값을 압니다.";
    "includes": "The list has this value.", "목록에 이 값이 있습니다.";
    "contains": "The text has this part.", "글에 이 부분이 있습니다.";
    "agreed": "The person gave this consent, for this channel if one is written.", "이 동의를 했습니다. 채널을 쓰면 그 채널에 대해서입니다.";
    "halves": "After this time a point counts half.", "이 시간이 지나면 점수가 절반이 됩니다.";
    "arrives": "How late the event may arrive. Whoever waits for its absence waits this much longer.", "이벤트가 늦게 올 수 있는 시간입니다. 오지 않음을 확인할 때 그만큼 더 기다립니다.";
    "optional": "May be missing.", "없을 수도 있습니다.";
    "key": "Events with the same value are one event.", "값이 같은 이벤트는 한 번만 셉니다.";
    "private": "Leaves the project only where journey.toml allows it.", "journey.toml이 허락한 곳으로만 나갑니다.";
    "default": "The value where none is known.", "값을 모를 때 쓰는 값입니다.";
    "calendar": "Whole days of the calendar, today included.", "오늘을 포함한 달력의 날 수입니다.";
    "business": "Days on which the business is open.", "영업일입니다.";
    "ask": "Sends a question and waits for the reply, which sets an attribute.", "질문을 보내고 답을 기다려 속성에 담습니다.";
    "draw": "A draw with odds and a stock of prizes. A person's result in one run never changes.", "확률과 수량이 있는 추첨입니다. 한 번의 진행에서 결과는 바뀌지 않습니다.";
    "every": "`every 4th time`: only at each 4th entry of this person. In a schedule: again and again.", "`every 4th time`: 그 사람이 네 번째 들어올 때마다입니다. 일정에서는 되풀이를 뜻합니다.";
    "changes": "At the instant an attribute gets another value.", "속성의 값이 바뀌는 순간입니다.";
    "request": "People enter through the API or a list; what it says is read as `request.field`.", "API나 목록으로 들어옵니다. 그 내용은 `request.필드`로 읽습니다.";
    "starts": "Nobody enters before this instant.", "이 시각 전에는 아무도 들어오지 않습니다.";
    "ends": "At this instant all runs end with the reason `ended`.", "이 시각에 모든 진행이 `ended`로 끝납니다.";
    "hold": "`hold out`: these people never get such messages, so that their effect can be measured.", "`hold out`: 효과를 재기 위해 이 사람들에게는 보내지 않습니다.";
    "favourite": "The value that this person's events had most often.", "이 고객의 이벤트에서 가장 자주 나온 값입니다.";
    "any": "At least one element of the list.", "목록의 요소 중 하나라도 맞으면 됩니다.";
    "intervals": "`usual intervals`: the usual time between two of these events for this very person.", "`usual intervals`: 이 고객이 평소 다시 하는 간격입니다.";
    "given": "A person of this test.", "이 테스트의 등장인물입니다.";
    "expect": "What must have happened by now.", "지금까지 일어났어야 하는 일입니다.";
    "after": "Lets this much time pass.", "시간이 이만큼 지나갑니다.";
    "everyone": "All contacts.", "모든 고객입니다.";
    "measured": "What decides the experiment.", "실험의 결과를 정하는 이벤트입니다.";
    "with": "What the message or call is given.", "메시지나 호출에 넘기는 값입니다.";
    "available": "`first available of`: the first that the person can receive now.", "`first available of`: 지금 받을 수 있는 첫 번째 채널로 보냅니다.";
    "valid": "How long the offer can be used once it is given.", "혜택을 받은 뒤 쓸 수 있는 기간입니다.";
    "minimum": "The least amount of an order that may use it.", "이 혜택을 쓸 수 있는 최소 주문 금액입니다.";
    "worth": "What one of this offer counts in its budget.", "예산에서 이 혜택 하나를 얼마로 계산하는지 정합니다.";
    "points": "Points of your own shop.", "적립 포인트입니다.";
    "entries": "How many lots in a draw it is worth.", "추첨에 응모하는 횟수입니다.";
    "total": "`total of`: the sum of a field over past events.", "`total of`: 지난 이벤트의 필드를 더한 값입니다.";
    "average": "`average of`: the mean of a field over past events.", "`average of`: 지난 이벤트의 필드 평균입니다.";
    "largest": "`largest of`: the greatest value of a field over past events.", "`largest of`: 지난 이벤트의 필드 중 가장 큰 값입니다.";
}

/// The sentence for a word.
pub(super) fn of(word: &str) -> Option<Text> {
    let (_, en, ko) = ALL.iter().find(|(known, _, _)| *known == word)?;
    Some(Text::new(*en, *ko))
}
