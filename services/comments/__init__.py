"""Residents' opinions: intake, handling, rating, and what each side reads of them (群众意见).

Only organs and deputies answer; the resident follows a number and a timeline, and has the last word by rating.
"""

from models.comments import Opinion as Opinion
from services.comments.alerts import remind_to_rate as remind_to_rate
from services.comments.alerts import supervise as supervise
from services.comments.alerts import waits_for_me as waits_for_me
from services.comments.alerts import warn as warn
from services.comments.board import PART_NAMES as PART_NAMES
from services.comments.board import BoardLine as BoardLine
from services.comments.board import count_board as count_board
from services.comments.board import count_to_supervise as count_to_supervise
from services.comments.board import list_board as list_board
from services.comments.clocks import ask_extension as ask_extension
from services.comments.clocks import ask_extension_as_unit as ask_extension_as_unit
from services.comments.clocks import decline_extension as decline_extension
from services.comments.clocks import grant_extension as grant_extension
from services.comments.clocks import pause as pause
from services.comments.clocks import resume as resume
from services.comments.handling import Handler as Handler
from services.comments.handling import TimelyAnswer as TimelyAnswer
from services.comments.handling import answer_as_deputy as answer_as_deputy
from services.comments.handling import answer_as_unit as answer_as_unit
from services.comments.handling import assign as assign
from services.comments.handling import give_back as give_back
from services.comments.handling import list_handlers as list_handlers
from services.comments.handling import note as note
from services.comments.handling import take_back as take_back
from services.comments.handling import timely_deputy_answer as timely_deputy_answer
from services.comments.intake import OpinionForm as OpinionForm
from services.comments.intake import record_text_check as record_text_check
from services.comments.intake import refuse as refuse
from services.comments.intake import register as register
from services.comments.intake import submit as submit
from services.comments.intake import text_to_check as text_to_check
from services.comments.rating import close_after_meeting as close_after_meeting
from services.comments.rating import close_unrated as close_unrated
from services.comments.rating import rate as rate
from services.comments.reading import OpinionFile as OpinionFile
from services.comments.reading import OpinionFilter as OpinionFilter
from services.comments.reading import build_file as build_file
from services.comments.reading import count_open as count_open
from services.comments.reading import get_assigned as get_assigned
from services.comments.reading import get_for_staff as get_for_staff
from services.comments.reading import get_mine as get_mine
from services.comments.reading import handlers_of as handlers_of
from services.comments.reading import list_assigned as list_assigned
from services.comments.reading import list_for_staff as list_for_staff
from services.comments.reading import list_mine as list_mine
