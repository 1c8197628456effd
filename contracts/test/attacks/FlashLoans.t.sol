// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {AaveV3Adapter} from "../../src/adapters/AaveV3Adapter.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Intent, Landing, Terms} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {AaveFixture, IAavePoolUser} from "../fixtures/AaveFixture.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Leaves a reserve with almost no cash for the length of one call, by money it owns no longer than that.
contract Drainer {
    function drainAnd(
        IAavePoolUser pool,
        IERC20 borrowed,
        IERC20 reserve,
        uint256 taken,
        address target,
        bytes calldata data
    ) external {
        uint256 flash = borrowed.balanceOf(address(this));
        borrowed.approve(address(pool), flash);
        pool.supply(address(borrowed), flash, address(this), 0);
        pool.borrow(address(reserve), taken, 2, 0, address(this));
        (bool ok, bytes memory reason) = target.call(data);
        if (!ok) {
            assembly {
                revert(add(reason, 32), mload(reason))
            }
        }
        reserve.approve(address(pool), taken);
        pool.repay(address(reserve), taken, 2, address(this));
        pool.withdraw(address(borrowed), type(uint256).max, address(this));
        require(borrowed.balanceOf(address(this)) >= flash, "not repaid");
    }
}

/// @title What can be made of a moment in which Aave cannot pay out: less than it seems.
contract FlashLoansTest is GavelTest, AaveFixture {
    Aave internal aave;
    AaveV3Adapter internal adapter;
    TestToken internal gold;
    Drainer internal drainer;
    bytes internal position;
    uint256 internal cash;

    function setUp() public override {
        super.setUp();
        address user = makeAddr("user");
        address aaveLender = makeAddr("aave lender");
        aave = deployAave();
        gold = new TestToken("Gold", "GLD", 18, address(this));
        PriceFeed etherFeed = _list(home.ether_, 2000e8);
        _list(home.dollar, 1e8);
        _list(gold, 2000e8);
        deposit(aave, home.dollar, aaveLender, 1_000_000e6);
        deposit(aave, home.ether_, aaveLender, 1000e18);
        deposit(aave, home.ether_, user, 10e18);
        borrow(aave, home.dollar, user, 15_000e6);
        adapter = new AaveV3Adapter(aave.provider, address(home.collateral), makeAddr("bad debt"), 1 days);
        Terms memory terms = _terms(home);
        terms.adapter = address(adapter);
        terms.trialGas = 4_000_000;
        home.registry.setTerms(MARKET, terms);
        etherFeed.setAnswer(1700e8);
        position = abi.encode(user, home.ether_, home.dollar);
        cash = home.ether_.balanceOf(aave.pool.getReserveData(address(home.ether_)).aToken);
        drainer = new Drainer();
        gold.mint(address(drainer), 100_000e18);
    }

    function _list(TestToken token, int256 price) private returns (PriceFeed feed) {
        feed = new PriceFeed("feed", 8, price, address(this));
        listReserve(aave, address(token), address(feed), ReserveTerms(8000, 8250, 10_500, 1000));
    }

    function _drainAnd(uint256 leave, bytes memory call) private {
        drainer.drainAnd(aave.pool, gold, home.ether_, cash - leave, address(home.collateral), call);
    }

    /// While the reserve has nothing to hand out there is nothing to repay, and the position is as unhealthy as before.
    function test_AFlagClearedInsideAFlashLoan() public {
        home.collateral.flag(MARKET, position);
        (,, uint256 repay,, uint256 health) = adapter.assess(position);
        assertGt(repay, 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.StillUnhealthy.selector, health));
        _drainAnd(0, abi.encodeCall(home.collateral.clear, (MARKET, position)));
        vm.warp(block.timestamp + _terms(home).takeDelay);
        home.dollar.approve(address(home.collateral), type(uint256).max);
        home.dollar.mint(address(this), 15_100e6);
        (uint256 repaid,) = home.collateral.take(MARKET, position, 0, type(uint256).max, stranger);
        assertGt(repaid, 0);
    }

    /// The lander could leave so little to liquidate that the winner pays a whole keeper fee for dust, and the round
    /// is used up while nothing healed.
    function test_AnAwardShrunkInsideAFlashLoan() public {
        Intent memory intent = _intent(home, position);
        Landing memory landing = _landingOf(home, intent, alice, uint256(intent.seizable) * 99 / 100, HOME_DOMAIN);
        uint256 least = uint256(intent.repay) * _terms(home).minPartBps / 10_000;
        cheats.expectPartialRevert(ICollateralEscrow.BelowMinimum.selector);
        _drainAnd(0.0065e18, abi.encodeCall(home.collateral.land, (landing)));
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1, "an honest landing follows");
        assertGt(intent.repay, least);
        assertEq(home.dollar.balanceOf(address(drainer)), 0, "no fee");
    }
}
