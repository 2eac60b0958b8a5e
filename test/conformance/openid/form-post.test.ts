import { basicPlan } from './modules/basic-plan.ts';

basicPlan('form_post');
