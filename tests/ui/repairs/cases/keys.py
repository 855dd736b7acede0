"""What a person does in the section of hazard cases, key by key."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt

from app.repairs.cases import views

ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def case(driver):
    """The chosen case as it stands."""
    case_id, context = driver.section.case_id, driver.shell.context
    return context.read(lambda s: views.case_view(s, case_id, context.now()))


def go(driver):
    """Goes on in the form on show, as Ctrl+Enter does."""
    driver.press(ENTER, modifier=CTRL)


def pick(driver, number):
    """Chooses an answer by its number."""
    driver.press(Qt.Key.Key_0 + number)


def act(driver, key):
    """Opens the form of an act, with what it replaces gone as it is once the window rests."""
    driver.section.act(key)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    driver.settle()


def current(driver):
    return driver.section.deck.current
