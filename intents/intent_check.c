#include "intents/message.h"
void intent_set_check(struct intent_set *set, struct diags *diags){(void)set;(void)diags;}
