"""Which pages each story looks at, by their templates: no page of the service or of its files is without a story (`test_pages.py`)."""

#: Story → the templates that it holds to `Visitor.look`.
LOOKED_AT = {
    "test_a_code_alone_confirms_nothing_and_the_whole_text_does": {"verify.html"},
    "test_what_is_typed_is_answered_and_a_letter_downloaded": {"stand.html", "stand_answer.html", "stand_plan.html"},
    "test_every_question_is_reached_from_the_index_and_an_answer_is_there_as_a_file": {
        "home.html", "questions.html", "question.html", "advice_file.html",
    },
    "test_the_page_says_of_every_text_what_verify_says": {"check_file.html"},
    "test_every_page_of_the_folder_is_a_page_for_everybody": {"front_file.html", "stand_file.html", "letters_file.html", "question_file.html"},
    "test_whoever_follows_the_link_of_a_message_leaves_the_list": {"unsubscribe.html"},
    "test_a_borrower_signs_in_promises_pays_reads_and_takes_everything": {
        "sign_in.html", "sign_in_code.html", "told.html",
        *(f"account/{name}.html" for name in (
            "home", "loan", "form", "recorded", "penalty", "pay", "pay_go", "test_payment", "pay_back", "plan", "plan_agreed", "standing",
            "messages", "message", "contact", "help", "held", "held_read",
        )),
    },
    "test_staff_sign_in_and_work_at_the_desk": {
        "desk_sign_in.html", "desk_second.html", "desk_password.html",
        *(f"desk/{name}.html" for name in (
            "list", "account", "call", "stops", "figures", "law", "log", "approvals", "rounds", "door", "strategy", "cases", "case", "penalty",
            "adjustment", "sessions", "cannot",
        )),
    },
    "test_a_new_member_sets_up_the_second_factor_on_a_desk_without_a_night": {
        "desk_sign_in.html", "desk_set_up.html", "desk_recovery.html", "desk/no_night.html",
    },
}  # fmt: skip
#: What is no page: parts that a page takes in or is made over.
PARTS = {
    "base.html",
    "file_base.html",
    "desk/base.html",
    "account/own.html",
    "desk/now.html",
    "desk/work_done.html",
    "desk/outcomes.html",
}
