"""All ten steps in TikTok Shop's buyer chat, on a shop that speaks the platform's wire form.
run_walk.py PROGRAM [--show]   (--show: prints the conversation instead)"""
import json
import os
import sqlite3
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World

show = "--show" in sys.argv
world = World(sys.argv[1], register=True).start()
maya = Buyer(world, "buyer-open")
ORDER = "576461413030001001"
KETTLE = "576461413030001003"


# --- the guide's ten steps ---

def step_1_policy():
    assert "until it is shipped" in maya.say("Hi, can I still cancel?")[0]


def step_2_account():
    """The platform knows the buyer: nobody is asked for a number and a second fact."""
    maya.choose("Show my orders", "Here are your orders")
    said = " ".join(text for who, text in maya.transcript if who == "shop")
    assert "check that it is your order" not in said and "order number" not in said
    assert world.metric('tenstep_messages_total{channel="tiktok",direction="in"}') == 2


def step_3_orders():
    listed = maya.transcript[-1][1]
    for words in (ORDER + " · Blue dress", "Running shoes", "Electric kettle", "$29.90 · being prepared"):
        assert words in listed, listed


def step_4_select():
    assert "Blue dress. Total $29.90" in maya.say("the dress", "What would you like to do")[0]
    world.until(lambda: maya.new_texts() or ("shop", f"[ORDER_CARD {ORDER}]") in maya.transcript)


def step_5_cancel():
    maya.choose("Cancel it", "Why would you like to cancel")
    maya.choose("I ordered by mistake", "Shall I cancel order " + ORDER)
    assert f"Done. Order {ORDER} is cancelled. $29.90 goes back" in maya.choose("Yes", "Done.")[0]
    made = [e for e in world.shop.effects("cancellation") if e["order_id"] == ORDER]
    assert made and len({e["cancel_id"] for e in made}) == 1, made


def step_6_refund():
    said = " ".join(maya.say("where is my money??", "The refund for order"))
    assert f"{ORDER} is approved: $29.90, to Visa ••4242. It is not paid out yet" in said, said


def step_9_watch():
    """Before the person and the return, because its promise was given when the order was cancelled."""
    promised = json.loads(world.command("promises", "--json").stdout)["promises"]
    assert [p["order"] for p in promised] == [ORDER] and promised[0]["state"] == "open", promised
    world.shop.pass_time("3d")
    told = maya.wait("has been paid out")
    assert sum("$29.90 for order " + ORDER + " has been paid out to Visa ••4242" in t for t in told) == 1, told
    done = world.command("promises", "--all", "--json")
    assert json.loads(done.stdout)["promises"][0]["state"] == "kept" and done.returncode == 0
    time.sleep(3)  # looked at again, and the same webhooks once more: nothing is told twice
    assert not maya.new_texts()


def step_7_person():
    maya.choose("Talk to a person", "bringing in a person")
    _, cards = world.desk("GET", "/desk/cards")
    card = cards["cards"][0]
    assert card["card"]["order"] and card["conversation"].startswith("tiktok:"), card
    for what, more in (("claim", {"version": card["version"]}), ("reply", {"text": "Hello, I am Mai.", "id": "1"}),
                       ("back", {"text": "Anything else? Ask away."})):
        status, answer = world.desk("POST", f"/desk/cards/{card['id']}/{what}", {"person": "Mai", **more})
        assert status == 200, (what, answer)
    said = maya.wait("Anything else")
    assert any("Hello, I am Mai." in text for text in said), said


def step_8_return():
    said = maya.say("I want to send the kettle back", "What is the reason")  # which item is named already
    assert "sending back Electric kettle" in said[-1], said
    maya.choose("I changed my mind", "Shall I ask for a return")
    said = maya.choose("Yes", "Send it to")
    assert "Done. The seller takes back Electric kettle." in said[0], said
    made = [e for e in world.shop.effects("return") if e["order_id"] == KETTLE]
    assert made and len({e["return_id"] for e in made}) == 1, made


def step_10_review():
    maya.say("rate this chat")
    if "Shall I leave that" in maya.transcript[-1][1]:
        maya.choose("Yes")
    assert "How was this chat for you?" in maya.transcript[-1][1]
    maya.choose("5 - very good")
    assert maya.say("very quick, thank you")


# --- what else the chat can bring ---

def card_of_an_order():
    """The buyer comes from an order's page: no word was said, and the order is known."""
    liam = Buyer(world, "buyer-transit")
    liam.last = None
    world.shop.say("buyer-transit", "", type="BUYER_ENTER_FROM_ORDER",
                   content=json.dumps({"order_id": "576461413030001101"}))
    world.until(lambda: len(world.shop.talks()) == 2)
    liam.conversation = [c for c in world.shop.talks().values() if c != maya.conversation][0]
    assert any("Desk lamp" in text for text in liam.wait("Desk lamp"))
    said = liam.say("where is it now")
    assert "576461413030001101" in " ".join(said), said


def picture():
    liam = Buyer(world, "buyer-transit")
    liam.conversation = [c for c in world.shop.talks().values() if c != maya.conversation][0]
    liam.new_texts()
    said = liam.say("", type="IMAGE", content=json.dumps({"url": "https://p16.example/1.jpg", "width": "9",
                                                          "height": "9"}))
    assert said, liam.transcript


def registered():
    """What `authorize --webhooks` told the platform."""
    there = {w["event_type"]: w["address"] for w in shop_webhooks()}
    assert there == dict.fromkeys(["ORDER_STATUS_CHANGE", "CANCELLATION_STATUS_CHANGE", "RETURN_STATUS_CHANGE",
                                   "SELLER_DEAUTHORIZATION", "UPCOMING_AUTHORIZATION_EXPIRATION", "NEW_MESSAGE"],
                                  world.hook), there
    assert world.shop.api("GET", "/customer_service/202309/agents/settings")["can_accept_chat"] is True


def shop_webhooks():
    return world.shop.api("GET", "/event/202309/webhooks")["webhooks"]


def the_shop_in_figures():
    assert world.server.get("/readyz") == (200, "ready\n"), world.server.get("/readyz")
    assert world.metric("tenstep_shop_consent_good") == 1
    for what in ("conversations", "changes"):
        read = world.metric(f'tenstep_shop_read_timestamp_seconds{{what="{what}"}}')
        assert time.time() - 30 < read <= time.time() + 1, (what, read)


def without_consent():
    """It takes messages all the same, and says so."""
    other = World(sys.argv[1])
    other.server.start()
    assert other.server.get("/readyz") == (200, "ready, but the shop cannot be asked\n"), other.server.get("/readyz")
    assert other.metric("tenstep_shop_consent_good") == 0
    assert other.metric('tenstep_shop_read_timestamp_seconds{what="changes"}') == 0
    other.end()


def nothing_is_left_over():
    assert world.metric('tenstep_channel_dead_letters{channel="tiktok"}') == 0
    assert world.metric('tenstep_channel_waiting{channel="tiktok"}') == 0
    assert world.metric('tenstep_promises{state="overdue"}') == 0


def the_end():
    world.server.stop()
    with sqlite3.connect(os.path.join(world.server.data, "server", "store.db")) as store:
        notes = [json.loads(n[0]) for n in store.execute("select json from note where name in ('rating', 'review', 'feedback')")]
    assert any(n.get("stars") == 5 or n.get("rating") == 5 or "5" in map(str, n.values()) for n in notes), notes
    world.end()


STEPS = [step_1_policy, step_2_account, step_3_orders, step_4_select, step_5_cancel, step_6_refund, step_9_watch,
         step_7_person, step_8_return, step_10_review]
if show:
    for step in STEPS:
        step()
    for who, text in maya.transcript:
        print(f"{'>' if who == 'buyer' else '<'} " + text.replace("\n", "\n  "))
    world.end()
    sys.exit(0)
tap.case("buyer chat: the platform knows where webhooks go", registered)
for step in STEPS:
    tap.case(f"buyer chat: {step.__name__.replace('_', ' ')}", step)
tap.case("buyer chat: who comes from an order need not name it", card_of_an_order)
tap.case("buyer chat: a picture is answered", picture)
tap.case("buyer chat: how the shop stands is in the figures", the_shop_in_figures)
tap.case("buyer chat: without the seller's consent, too", without_consent)
tap.case("buyer chat: everything was sent, nothing is overdue", nothing_is_left_over)
tap.case("buyer chat: both programs end well, and the rating is kept", the_end)
tap.finish()
